using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Tests.OpenStack;
using ImageCache.Engine.Trust;
using Xunit;

namespace ImageCache.Engine.Tests.Trust;

/// <summary>Whatever certificates and signatures are made of, nothing falls over and nothing becomes valid.</summary>
public sealed class HostileCertificateTests
{
    private static readonly byte[] s_data = TestData.Noise(1000);

    [Fact]
    public void Noise_is_no_certificate()
        => Prop.ForAll<byte[]>(static bytes => Certificate.TryRead("id", bytes) is null).QuickCheckThrowOnFailure();

    [Fact]
    public void Noise_in_PEM_is_no_certificate()
        => Prop.ForAll<byte[]>(static bytes =>
            Certificate.TryRead("id", System.Text.Encoding.ASCII.GetBytes(PemEncoding.WriteString("CERTIFICATE", bytes))) is null).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_shorter_or_longer_certificate_is_none()
    {
        using TestSigner signer = TestSigner.Authority("Signer");
        for (int length = 0; length < signer.Der.Length; length++)
        {
            Assert.Null(Certificate.TryRead("id", signer.Der.AsSpan(0, length)));
        }

        Assert.Null(Certificate.TryRead("id", (byte[])[.. signer.Der, 0]));
        Assert.Null(Certificate.TryRead("id", new byte[Certificate.LargestSize + 1]));
        Assert.NotNull(Certificate.TryRead("id", signer.Der));
    }

    [Fact]
    public void A_changed_signer_never_makes_other_data_valid_and_never_falls_over()
    {
        using TestSigner root = TestSigner.Authority("Root");
        using TestSigner signer = TestSigner.Plain("Signer", root);
        byte[] other = SHA256.HashData([.. s_data, 1]);
        Prop.ForAll<int, byte>((position, value) =>
        {
            byte[] changed = Change(signer.Der, position, value);
            return Judge(changed, root.Der, signer, other) is SignatureStatus.Invalid or SignatureStatus.Unverifiable;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Fact]
    public void A_changed_signer_has_no_chain()
    {
        using TestSigner root = TestSigner.Authority("Root");
        using TestSigner signer = TestSigner.Plain("Signer", root);
        byte[] right = SHA256.HashData(s_data);
        Prop.ForAll<int, byte>((position, value) =>
        {
            byte[] changed = Change(signer.Der, position, value);
            return changed.SequenceEqual(signer.Der) || Judge(changed, root.Der, signer, right) != SignatureStatus.Valid;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Fact]
    public void A_changed_root_is_not_the_root()
    {
        using TestSigner root = TestSigner.Authority("Root");
        using TestSigner signer = TestSigner.Plain("Signer", root);
        byte[] right = SHA256.HashData(s_data);
        Prop.ForAll<int, byte>((position, value) =>
        {
            byte[] changed = Change(root.Der, position, value);
            return changed.SequenceEqual(root.Der) || Judge(signer.Der, changed, signer, right) == SignatureStatus.Untrusted;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Fact]
    public void Another_signature_is_never_valid()
    {
        using TestSigner signer = TestSigner.Plain("Signer");
        Dictionary<string, string> properties = signer.Sign(s_data);
        byte[] signature = Convert.FromBase64String(properties[SignatureClaim.SignatureProperty]);
        byte[] right = SHA256.HashData(s_data);
        SignatureJudge judge = new(Judgement.Store(signer), new InstantTime { Now = TestSigner.Now });
        bool IsRefused(byte[] text)
        {
            Dictionary<string, string> claim = new(properties) { [SignatureClaim.SignatureProperty] = Convert.ToBase64String(text) };
            SignatureVerdict verdict = judge.JudgeAsync(SignatureClaim.Read(claim), right, null, CancellationToken.None).GetAwaiter().GetResult();
            return verdict.Status is SignatureStatus.Invalid or SignatureStatus.Unverifiable;
        }

        Prop.ForAll<byte[]>(text => IsRefused(text)).QuickCheckThrowOnFailure();
        Prop.ForAll<int, byte>((position, value) =>
        {
            byte[] changed = Change(signature, position, value);
            return changed.SequenceEqual(signature) || IsRefused(changed);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
        Assert.All(Enumerable.Range(0, signature.Length), length => Assert.True(IsRefused(signature[..length])));
        Assert.True(IsRefused([.. signature, 0]));
    }

    private static byte[] Change(byte[] bytes, int position, byte value)
    {
        byte[] changed = [.. bytes];
        changed[(int)((uint)position % (uint)bytes.Length)] ^= value;
        return changed;
    }

    private static SignatureStatus Judge(byte[] signer, byte[] root, TestSigner claimed, byte[] hash)
    {
        string rootId = Guid.NewGuid().ToString();
        Dictionary<string, string> pems = new()
        {
            [claimed.Id] = PemEncoding.WriteString("CERTIFICATE", signer),
            [rootId] = PemEncoding.WriteString("CERTIFICATE", root),
        };
        SignatureJudge judge = new(new RecordedCertificates(pems), new InstantTime { Now = TestSigner.Now });
        return judge.JudgeAsync(SignatureClaim.Read(claimed.Sign(s_data)), hash, [rootId], CancellationToken.None).GetAwaiter().GetResult().Status;
    }
}
