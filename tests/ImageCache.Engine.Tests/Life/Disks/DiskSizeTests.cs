using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Life.Disks;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Disks;

/// <summary>The rules of sizes.</summary>
public sealed class DiskSizeTests
{
    [Theory]
    [InlineData(null)]
    [InlineData(0L)]
    public void No_size_is_the_images_own_whatever_min_disk_says(long? wanted) => Assert.Null(DiskSize.Decide(wanted, 5000, 100, "image"));

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void An_absurd_size_is_refused(long wanted)
        => Assert.Throws<InvalidInputException>(() => DiskSize.Decide(wanted, 512, null, "image"));

    [Fact]
    public void A_size_is_never_less_than_asked_for_nor_than_the_image()
        => Prop.ForAll<int, int>((wanted, image) =>
        {
            long asked = Math.Abs((long)wanted) + 1;
            long has = Math.Abs((long)image);
            try
            {
                long size = DiskSize.Decide(asked, has, null, "image")!.Value;
                return size >= asked && size >= has && size % 512 == 0 && size - asked < 512;
            }
            catch (PolicyException e)
            {
                return asked < has && e.ErrorId == ErrorIds.DiskSmallerThanImage;
            }
        }).QuickCheckThrowOnFailure();
}
