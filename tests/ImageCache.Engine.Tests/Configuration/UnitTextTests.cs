using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Configuration;
using Xunit;

namespace ImageCache.Engine.Tests.Configuration;

public sealed class UnitTextTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("52428800", 52_428_800)]
    [InlineData("50MiB", 52_428_800)]
    [InlineData("50 mib", 52_428_800)]
    [InlineData("50M", 52_428_800)]
    [InlineData("50MB", 50_000_000)]
    [InlineData("1GB", 1_000_000_000)]
    [InlineData("2GiB", 2_147_483_648)]
    [InlineData("1.5K", 1536)]
    [InlineData("7B", 7)]
    [InlineData("1PiB", 1L << 50)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void SizesAreRead(string text, long bytes)
    {
        Assert.True(ByteSize.TryParse(text, out long value));
        Assert.Equal(bytes, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("MiB")]
    [InlineData("1e3")]
    [InlineData("1,5K")]
    [InlineData("1.2.3")]
    [InlineData(".")]
    [InlineData("10 apples")]
    [InlineData("1MiBs")]
    [InlineData("1iB")]
    [InlineData("9223372036854775808")]
    [InlineData("8192P")]
    [InlineData("99999999999999999999999999999999999999")]
    [InlineData("٣")]
    public void WhatIsNoSizeIsNotRead(string text) => Assert.False(ByteSize.TryParse(text, out _));

    [Theory]
    [InlineData("30", 30_000)]
    [InlineData("0.25", 250)]
    [InlineData("30s", 30_000)]
    [InlineData("250ms", 250)]
    [InlineData("5m", 300_000)]
    [InlineData("2 h", 7_200_000)]
    [InlineData("1d", 86_400_000)]
    public void TimesAreRead(string text, double milliseconds)
    {
        Assert.True(TimeText.TryParse(text, out TimeSpan value));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-5")]
    [InlineData("5 minutes")]
    [InlineData("1:30")]
    [InlineData("99999999999999h")]
    public void WhatIsNoTimeIsNotRead(string text) => Assert.False(TimeText.TryParse(text, out _));

    [Fact]
    public void AWholeSizeInAnyUnitIsExact()
        => Prop.ForAll(Gen.Choose(0, 1_000_000).ToArbitrary(), static number =>
        {
            (string Unit, long Worth)[] units = [("", 1), ("KiB", 1L << 10), ("M", 1L << 20), ("GiB", 1L << 30), ("kB", 1000), ("TB", 1_000_000_000_000)];
            return units.All(unit => ByteSize.TryParse($"{number}{unit.Unit}", out long bytes) && bytes == number * unit.Worth);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void ATimeInSecondsIsExactToTheMillisecond()
        => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), static milliseconds =>
            TimeText.TryParse((milliseconds / 1000m).ToString(CultureInfo.InvariantCulture), out TimeSpan time)
            && time == TimeSpan.FromMilliseconds(milliseconds)).QuickCheckThrowOnFailure();

    [Fact]
    public void NoTextBreaksTheReaders()
        => Prop.ForAll(ArbMap.Default.ArbFor<string>(), static text =>
        {
            bool isSize = ByteSize.TryParse(text ?? string.Empty, out long bytes);
            bool isTime = TimeText.TryParse(text ?? string.Empty, out TimeSpan time);
            return (isSize ? bytes >= 0 : bytes == 0) && (isTime ? time >= TimeSpan.Zero : time == TimeSpan.Zero);
        }).QuickCheckThrowOnFailure();
}
