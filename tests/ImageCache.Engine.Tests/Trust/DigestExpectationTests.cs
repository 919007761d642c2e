using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Trust;
using Xunit;

namespace ImageCache.Engine.Tests.Trust;

public sealed class DigestExpectationTests
{
    private const string Md5 = "d41d8cd98f00b204e9800998ecf8427e";
    private static readonly string s_sha512 = new('a', 128);

    [Theory]
    [InlineData("sha512", 128, DigestStatus.Verified)]
    [InlineData("sha256", 64, DigestStatus.Verified)]
    [InlineData("SHA-384", 96, DigestStatus.Verified)]
    [InlineData("sha3_256", 64, DigestStatus.Verified)]
    [InlineData("md5", 32, DigestStatus.Weak)]
    [InlineData("sha1", 40, DigestStatus.Weak)]
    public void The_hash_of_the_record_is_what_counts(string algorithm, int length, DigestStatus status)
    {
        Assert.SkipUnless(DigestAlgorithm.TryGet(algorithm, out _), $"this machine's libcrypto has no {algorithm}");
        DigestExpectation expectation = Of(algorithm, new string('0', length), Md5);
        Assert.Equal(status, expectation.Status);
        Assert.Equal(length, expectation.Expected!.Value.Hex.Length);
        Assert.NotEqual(Md5, expectation.Expected.Value.Hex);
    }

    [Theory]
    [InlineData("blake2b", "00")]
    [InlineData(null, "00")]
    [InlineData("sha512", null)]
    [InlineData("sha512", "")]
    public void Without_a_usable_hash_the_checksum_counts_as_weak(string? algorithm, string? value)
    {
        DigestExpectation expectation = Of(algorithm, value, Md5);
        Assert.Equal((DigestStatus.Weak, Md5), (expectation.Status, expectation.Expected!.Value.Hex));
    }

    [Fact]
    public void Without_any_there_is_nothing_to_compare_with()
    {
        DigestExpectation expectation = Of(null, null, null);
        Assert.Equal((DigestStatus.Unverifiable, (ImageDigest?)null), (expectation.Status, expectation.Expected));
        expectation.Require([], "id");
    }

    [Theory]
    [InlineData("sha512", "abc", null)]
    [InlineData("sha256", "gggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggg", null)]
    [InlineData(null, null, "not hex")]
    public void A_digest_that_is_none_is_refused(string? algorithm, string? value, string? checksum)
        => Assert.Equal(ErrorIds.DigestMismatch, Assert.Throws<VerificationException>(() => Of(algorithm, value, checksum)).ErrorId);

    [Fact]
    public void A_strong_digest_is_always_computed()
    {
        Assert.Equal(["sha512"], Names(Of("sha512", s_sha512, Md5)));
        Assert.Equal(["md5", "sha256"], Names(Of(null, null, Md5)));
        Assert.Equal(["sha256"], Names(Of(null, null, null)));
    }

    [Fact]
    public void Exactly_the_right_bytes_are_accepted()
        => Prop.ForAll<byte[], byte[]>(static (expected, actual) =>
        {
            DigestExpectation expectation = Of("sha256", Convert.ToHexString(SHA256.HashData(expected)), null);
            ImageDigest computed = new("sha256", Convert.ToHexStringLower(SHA256.HashData(actual)));
            bool accepted = Record.Exception(() => expectation.Require([computed], "id")) is null;
            return accepted == expected.AsSpan().SequenceEqual(actual);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_is_written_is_read_back()
        => Prop.ForAll<byte[]>(static content =>
        {
            ImageDigest digest = new("sha512", Convert.ToHexStringLower(SHA512.HashData(content)));
            return ImageDigest.TryParse(digest.ToString(), out ImageDigest? read) && read == digest
                && ImageDigest.TryParse("SHA512:" + digest.Hex.ToUpperInvariant(), out ImageDigest? upper) && upper == digest;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Other_text_is_no_digest_and_no_failure()
        => Prop.ForAll<string>(static text => !ImageDigest.TryParse(text, out _)).QuickCheckThrowOnFailure();

    private static IEnumerable<string> Names(DigestExpectation expectation) => expectation.Algorithms().Select(static algorithm => algorithm.Name);

    private static DigestExpectation Of(string? algorithm, string? value, string? checksum)
        => DigestExpectation.Of(new ImageDescriptor { Id = "id", HashAlgorithm = algorithm, HashValue = value, Checksum = checksum });
}
