using ImageCache.Engine.Configuration;
using Xunit;

namespace ImageCache.Engine.Tests.Configuration;

public sealed class ImageCacheYamlTests
{
    [Theory]
    [InlineData("")]
    [InlineData("# nothing yet\n")]
    [InlineData("---\n")]
    [InlineData("null\n")]
    [InlineData("{}\n")]
    [InlineData("retries:\n")]
    [InlineData("retries: ~\n")]
    public void AFileThatSaysNothingSetsNothing(string text) => Assert.Empty(Parse(text));

    [Theory]
    [InlineData("allowed_formats: [raw, qcow2]")]
    [InlineData("allowed_formats:\n  - raw\n  - 'qcow2'\n")]
    public void AListIsTakenInEitherStyle(string text)
    {
        RawSetting raw = Parse(text)["allowed_formats"];

        Assert.Equal(["raw", "qcow2"], raw.Values);
        Assert.True(raw.IsList);
    }

    [Theory]
    [InlineData("retries: 1\nretires: 2\n", "f.yaml:2: there is no setting 'retires'. Did you mean retries?")]
    [InlineData("Retries: 1\n", "f.yaml:1: there is no setting 'Retries'. Did you mean retries?")]
    [InlineData("rate-limit: 1\n", "f.yaml:1: there is no setting 'rate-limit'. Did you mean rate_limit?")]
    [InlineData("\n\nbananas: 1\n", "f.yaml:3: there is no setting 'bananas'.")]
    [InlineData("\"a\\nb\": 1\n", "f.yaml:1: there is no setting 'a?b'.")]
    [InlineData("retries: 1\nretries: 1\n", "f.yaml:2: retries stands here a second time.")]
    [InlineData("- retries\n", "f.yaml:1: lines of the form 'key: value' are expected.")]
    [InlineData("retries\n", "f.yaml:1: lines of the form 'key: value' are expected.")]
    [InlineData("? [a]\n: 1\n", "f.yaml:1: a key must be a plain name.")]
    [InlineData("retries: {a: 1}\n", "f.yaml:1: retries must be a value or a list of values.")]
    [InlineData("allowed_formats:\n- raw\n- [raw]\n", "f.yaml:3: allowed_formats must be a list of plain values.")]
    [InlineData("retries: &a 1\nthrottle_limit: *a\n", "f.yaml:2: throttle_limit must be a value or a list of values.")]
    [InlineData("retries: 1\n---\nretries: 2\n", "f.yaml:2: only one document is expected.")]
    public void AnErrorNamesFileLineAndKey(string text, string message)
    {
        InvalidInputException error = Assert.Throws<InvalidInputException>(() => Parse(text));

        Assert.Equal(ErrorIds.ConfigurationInvalid, error.ErrorId);
        Assert.Equal(message, error.Message);
    }

    [Theory]
    [InlineData("retries: 1\n\tidle_timeout: 2\n", 1)]
    [InlineData("retries: 'open\n", 1)]
    [InlineData("retries: 1\nidle_timeout: [1, 2\n", 2)]
    [InlineData("\u0001\u0002\0binary", 1)]
    public void WhatIsNotYamlIsToldWithItsLine(string text, int line)
        => Assert.Matches($"^f\\.yaml:[{line}-{line + 1}]: ", Assert.Throws<InvalidInputException>(() => Parse(text)).Message);

    [Fact]
    public void DeepNestingEndsAtItsSecondLevel()
        => Assert.Throws<InvalidInputException>(() => Parse("allowed_formats: " + new string('[', 200_000)));

    [Fact]
    public void AliasesBuildNothing()
    {
        string bomb = "allowed_formats: &a [x,x,x,x,x,x,x,x,x]\nallowed_owners: [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n";

        Assert.Contains("f.yaml:2:", Assert.Throws<InvalidInputException>(() => Parse(bomb)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ALongUnknownKeyIsCutInTheMessage()
        => Assert.True(Assert.Throws<InvalidInputException>(() => Parse($"{new string('k', 1000)}: 1\n")).Message.Length < 300);

    private static IReadOnlyDictionary<string, RawSetting> Parse(string text) => ImageCacheYaml.Parse("f.yaml", text, "/", SettingTable.Names);
}
