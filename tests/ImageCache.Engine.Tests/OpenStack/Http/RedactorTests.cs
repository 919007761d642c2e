using ImageCache.Engine.OpenStack;
using ImageCache.Engine.OpenStack.Http;
using Xunit;

namespace ImageCache.Engine.Tests.OpenStack.Http;

public sealed class RedactorTests
{
    [Theory]
    [InlineData("rbd://fsid/pool/image/snap", "rbd://fsid/pool/image/snap")]
    [InlineData("cinder://store/0f6c", "cinder://store/0f6c")]
    [InlineData("file:///var/lib/glance/a@b", "file:///var/lib/glance/a@b")]
    [InlineData("http://host:9292/v2?X-Amz-Signature=planted", "http://host:9292/v2")]
    [InlineData("https://user:planted@host/path#planted", "https://host/path")]
    [InlineData("swift+https://account%3Auser:planted@auth/v3/c/o", "swift+https://auth/v3/c/o")]
    [InlineData("s3://key:plan/ted+slash@s3.host/bucket/object", "s3://s3.host/bucket/object")]
    [InlineData("s3://key:pla?nted@host/bucket", "s3://***")]
    [InlineData("https://host/path?email=planted@planted", "https://***")]
    [InlineData("no scheme planted?q=planted", "no scheme planted")]
    [InlineData("bell\u0007 and \u202Eoverride", "bell  and  override")]
    public void UrlsLoseWhatMayBeASecret(string url, string shown) => Assert.Equal(shown, Redactor.Url(url));

    [Fact]
    public void KnownSecretsAreMasked()
    {
        Redactor redactor = new();
        redactor.Add(new Secret("planted-1"));
        redactor.Add(new Secret("planted-2"));
        Assert.Equal("user gave *** and ***", redactor.Text("user gave planted-1 and planted-2"));
    }

    [Fact]
    public void TextIsOneShortLine()
    {
        string text = new Redactor().Text("a\r\nb" + new string('x', 10_000));
        Assert.StartsWith("a  b", text, StringComparison.Ordinal);
        Assert.True(text.Length < 400);
    }

    [Fact]
    public void ASecretPrintsAsStars()
    {
        Secret secret = new("planted");
        Assert.Equal("*** ***", $"{secret} {new { secret }.secret}");
        Assert.Equal("planted", secret.Reveal());
    }

    [Fact]
    public void WhatAUrlCarriesIsMaskedInWhatOthersSayOfIt()
    {
        Redactor redactor = new();
        redactor.Add(new Uri("https://me:planted-userinfo@store/x?X-Amz-Signature=planted%2Bsignature&a=true#planted-fragment"));

        string told = redactor.Text("<SignatureProvided>planted+signature</SignatureProvided> planted%2Bsignature planted-userinfo planted-fragment: is true");

        Assert.DoesNotContain("planted", told, StringComparison.Ordinal);
        Assert.EndsWith("is true", told, StringComparison.Ordinal);
    }
}
