using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace ImageCache.Engine.Tests;

public sealed class NamePatternTests
{
    [Theory]
    [InlineData("cirros", "cirros", true)]
    [InlineData("cirros", "CIRROS", true)]
    [InlineData("cirros", "cirros2", false)]
    [InlineData("cirros", "", false)]
    [InlineData("*", "", true)]
    [InlineData("*", "anything", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("c*s", "cirros", true)]
    [InlineData("c*s", "cirrosx", false)]
    [InlineData("c?rros", "cirros", true)]
    [InlineData("c?rros", "crros", false)]
    [InlineData("[a-d]irros", "cirros", true)]
    [InlineData("[A-D]irros", "cirros", true)]
    [InlineData("[a-b]irros", "cirros", false)]
    [InlineData("[xyc]irros", "Cirros", true)]
    [InlineData("[x-]a", "-a", true)]
    [InlineData("[unclosed", "[unclosed", true)]
    [InlineData("a[]b", "a[]b", true)]
    [InlineData("a`*b", "a*b", true)]
    [InlineData("a`*b", "axb", false)]
    [InlineData("a`[b", "a[b", true)]
    [InlineData("a`", "a`", true)]
    [InlineData("*a*b*c*", "xxaxxbxxcxx", true)]
    [InlineData("*a*b*c", "abcabca", false)]
    [InlineData("a.c", "abc", false)]
    public void MatchesAsPowerShellDoes(string pattern, string name, bool matches)
        => Assert.Equal(matches, new NamePattern(pattern).Matches(name));

    [Fact]
    public void AMissingNameMatchesOnlyWhatMatchesNoCharacters()
    {
        Assert.True(new NamePattern("*").Matches(null));
        Assert.False(new NamePattern("a*").Matches(null));
    }

    [Fact]
    public void KnowsANameFromAPattern()
    {
        Assert.Equal("a*b", new NamePattern("a`*b").Literal);
        Assert.Null(new NamePattern("a*b").Literal);
        Assert.False(new NamePattern("a[bc]").IsLiteral);
    }

    [Fact]
    public void ManyStarsTakeNoTime()
    {
        // 2^100 ways to try it for who goes back to each star; a moment for us.
        NamePattern pattern = new(string.Concat(Enumerable.Repeat("*a", 100)) + "b");
        Assert.False(pattern.Matches(new string('a', 20_000)));
    }

    [Fact]
    public void AgreesWithARegularExpression()
    {
        Gen<string> pattern = Gen.Elements("a", "b", "*", "?", "[ab]").ListOf().Select(static parts => string.Concat(parts));
        Gen<string> name = Gen.Elements('a', 'b', 'c').ListOf().Select(static characters => string.Concat(characters));
        Prop.ForAll(pattern.ToArbitrary(), name.ToArbitrary(), static (pattern, name) =>
        {
            string expression = "^" + pattern.Replace("*", ".*", StringComparison.Ordinal).Replace("?", ".", StringComparison.Ordinal) + "$";
            return new NamePattern(pattern).Matches(name) == Regex.IsMatch(name, expression, RegexOptions.NonBacktracking);
        }).QuickCheckThrowOnFailure();
    }
}
