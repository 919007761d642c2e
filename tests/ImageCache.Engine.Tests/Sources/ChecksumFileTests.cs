using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Sources;
using ImageCache.Engine.Trust;
using Xunit;

namespace ImageCache.Engine.Tests.Sources;

public sealed class ChecksumFileTests
{
    private static readonly string s_sha256 = new('a', 64);
    private static readonly string s_sha512 = new('b', 128);

    [Theory]
    [InlineData("{0}  image.img")]
    [InlineData("{0} *image.img")]
    [InlineData("{0}  ./release/image.img")]
    [InlineData("{0}  image.img\r")]
    [InlineData("# comment\n\n{0}  image.img\n")]
    [InlineData("SHA256 (image.img) = {0}")]
    [InlineData("SHA256 (a (b) = c/image.img) = {0}")]
    public void The_forms_of_coreutils_are_read(string form)
        => Assert.Equal(
            new ImageDigest("sha256", s_sha256),
            ChecksumFile.Find(string.Format(System.Globalization.CultureInfo.InvariantCulture, form, s_sha256), "image.img"));

    [Fact]
    public void The_algorithm_follows_from_the_length()
    {
        Assert.Equal("sha512", ChecksumFile.Find($"{s_sha512}  image.img", "image.img")?.Algorithm);
        Assert.Equal("md5", ChecksumFile.Find($"{new string('c', 32)}  image.img", "image.img")?.Algorithm);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{0}")]
    [InlineData("{0}  other.img")]
    [InlineData("{0}  image.img.asc")]
    [InlineData("abc  image.img")]
    [InlineData("SHA256 (image.img) = abc")]
    [InlineData("SHA9 (image.img) = {0}")]
    [InlineData("zz{0}  image.img")]
    public void What_does_not_name_the_file_gives_nothing(string form)
        => Assert.Null(ChecksumFile.Find(string.Format(System.Globalization.CultureInfo.InvariantCulture, form, s_sha256), "image.img"));

    [Fact]
    public void The_line_of_the_file_is_found_among_others()
        => Prop.ForAll<NonNegativeInt, PositiveInt>(static (at, count) =>
        {
            int wanted = at.Get % count.Get;
            string text = string.Join('\n', Enumerable.Range(0, count.Get).Select(static i => $"{i:x64}  image-{i}.img"));
            return ChecksumFile.Find(text, $"image-{wanted}.img") == new ImageDigest("sha256", $"{wanted:x64}");
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_text_is_read_without_failure()
        => Prop.ForAll<NonNull<string>>(static text => ChecksumFile.Find(text.Get, "image.img") is null).QuickCheckThrowOnFailure();
}
