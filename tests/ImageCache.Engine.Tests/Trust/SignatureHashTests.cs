using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Trust;
using Xunit;

namespace ImageCache.Engine.Tests.Trust;

public sealed class SignatureHashTests
{
    // FIPS 180-4's examples: one block, and two.
    [Theory]
    [InlineData("SHA-224", "abc", "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7")]
    [InlineData("SHA-224", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "75388b16512776cc5dba5da1fd890150b0c6455cb4f58b1952522525")]
    [InlineData("SHA-224", "", "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f")]
    [InlineData("SHA-256", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("SHA-384", "abc", "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7")]
    [InlineData("SHA-512", "abc", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f")]
    public void Hashes_are_those_of_the_standard(string name, string text, string expected)
    {
        using SignatureHash hash = Create(name);
        hash.Append(Encoding.ASCII.GetBytes(text));
        Assert.Equal(expected, Convert.ToHexStringLower(hash.Finish()));
    }

    [Fact]
    public void Pieces_make_the_hash_of_the_whole()
        => Prop.ForAll<byte[][]>(static pieces => SignatureHashMethod.Known.All(method =>
        {
            using SignatureHash hash = SignatureHash.Create(method);
            byte[] whole = [.. pieces.SelectMany(static piece => piece ?? [])];
            hash.Append([1, 2, 3]);
            hash.Reset();
            foreach (byte[] piece in pieces)
            {
                hash.Append(piece);
            }

            byte[] first = hash.Finish();
            hash.Append(whole);
            return first.SequenceEqual(hash.Finish()) && first.Length == method.Length;
        })).QuickCheckThrowOnFailure();

    [Fact]
    public void A_digest_by_the_same_method_is_reused_and_no_other()
    {
        byte[] data = [1, 2, 3];
        ImageDigest sha256 = new("sha256", Convert.ToHexStringLower(SHA256.HashData(data)));
        Assert.True(Method("SHA-256").TryReuse(sha256, out byte[]? hash));
        Assert.Equal(SHA256.HashData(data), hash);
        Assert.False(Method("SHA-512").TryReuse(sha256, out _));
        Assert.False(Method("SHA-224").TryReuse(sha256, out _));
        Assert.False(Method("SHA-256").TryReuse(new ImageDigest("sha3_256", sha256.Hex), out _));
        Assert.False(Method("SHA-256").TryReuse(new ImageDigest("sha256", "00"), out _));
    }

    internal static byte[] Hash(SignatureHashMethod method, byte[] data)
    {
        using SignatureHash hash = SignatureHash.Create(method);
        hash.Append(data);
        return hash.Finish();
    }

    private static SignatureHashMethod Method(string name) => SignatureHashMethod.TryGet(name, out SignatureHashMethod? method) ? method : throw new ArgumentException(name);

    private static SignatureHash Create(string name)
    {
        Assert.SkipUnless(SignatureHash.WhyNot(Method(name)) is null, $"cannot be computed here: {SignatureHash.WhyNot(Method(name))}");
        return SignatureHash.Create(Method(name));
    }
}
