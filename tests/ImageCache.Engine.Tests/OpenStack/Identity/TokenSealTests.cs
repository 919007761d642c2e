using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.OpenStack;
using ImageCache.Engine.OpenStack.Clouds;
using ImageCache.Engine.OpenStack.Identity;
using Xunit;

namespace ImageCache.Engine.Tests.OpenStack.Identity;

public sealed class TokenSealTests
{
    private static readonly byte[] s_facts = [1, 2, 3];
    private static readonly TokenSeal s_seal = new(new Secret("secret"), s_facts);

    [Fact]
    public void OpensWhatItClosed() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), static text =>
    {
        byte[] payload = s_seal.Close(text);
        return payload.Length == text.Length + TokenSeal.Overhead && s_seal.TryOpen(payload, out byte[]? opened) && opened.AsSpan().SequenceEqual(text);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void OpensNothingThatWasChanged()
    {
        byte[] payload = s_seal.Close("text"u8);
        for (int bit = 0; bit < payload.Length * 8; bit++)
        {
            byte[] changed = [.. payload];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(s_seal.TryOpen(changed, out _), $"bit {bit}");
        }

        for (int length = 0; length < payload.Length; length++)
        {
            Assert.False(s_seal.TryOpen(payload[..length], out _), $"length {length}");
        }
    }

    [Fact]
    public void OpensForNobodyElse()
    {
        byte[] payload = s_seal.Close("text"u8);
        Assert.False(new TokenSeal(new Secret("Secret"), s_facts).TryOpen(payload, out _));
        Assert.False(new TokenSeal(new Secret("secret"), [1, 2, 4]).TryOpen(payload, out _));
        Assert.True(new TokenSeal(new Secret("secret"), [1, 2, 3]).TryOpen(payload, out _));
    }

    [Fact]
    public void TheSameTokenNeverLooksTheSame() => Assert.NotEqual(s_seal.Close("text"u8), s_seal.Close("text"u8));

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("""{"issued":1,"expires":2}""")]
    [InlineData("""{"issued":1,"expires":2,"token":""}""")]
    [InlineData("""{"issued":1,"expires":2,"token":"two words"}""")]
    [InlineData("""{"issued":1,"expires":2,"token":"line\r\nX-Header: 1"}""")]
    [InlineData("""{"issued":1,"expires":"2","token":"t"}""")]
    [InlineData("""{"issued":1.5,"expires":2,"token":"t"}""")]
    [InlineData("""{"issued":9223372036854775807,"expires":2,"token":"t"}""")]
    public void WhatIsNoTokenIsNone(string json) => Assert.Null(KeptToken.Read(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void WhatIsMalformedBesideTheTokenIsLeftOut()
    {
        const string Json = """
            {"issued":1,"expires":2,"token":"t","project":7,"user":null,"roles":["a",7,"\ud800"],
             "catalog":[{"type":"image","endpoints":[{"interface":"public","url":"http://user:planted@x"},{"interface":"public","url":"http://x"}]}]}
            """;
        KeystoneToken token = KeptToken.Read(Encoding.UTF8.GetBytes(Json))!;
        Assert.Equal((null, null, "a", "http://x/"), (token.ProjectId, token.UserId, Assert.Single(token.Roles), Assert.Single(token.Catalog.Endpoints).Url.AbsoluteUri));
    }

    [Fact]
    public void FactsThatMoveFromOneFieldToAnotherAreOtherFacts()
    {
        CloudCredentials credentials = new() { AuthUrl = new Uri("http://x"), Method = AuthenticationMethod.Password };
        CloudCredentials[] some =
        [
            credentials,
            credentials with { UserId = "a" },
            credentials with { UserName = "a" },
            credentials with { UserId = "a", UserName = "b" },
            credentials with { UserId = "ab", UserName = "" },
            credentials with { UserId = "", UserName = "ab" },
            credentials with { TrustId = "a" },
            credentials with { Method = AuthenticationMethod.Token },
        ];
        IEnumerable<string> names = some.Select(static who
            => LoginFacts.Description(LoginFacts.Write(new CloudConfiguration { Name = "n", Origin = "o", Credentials = who })));
        Assert.Equal(some.Length, names.Distinct().Count());
    }
}
