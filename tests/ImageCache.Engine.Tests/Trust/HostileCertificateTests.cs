using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Tests.OpenStack;
using ImageCache.Engine.Trust;
using Xunit;

namespace ImageCache.Engine.Tests.Trust;

/// <summary>Whatever certificates and signatures are made of, nothing falls over and nothing becomes valid.</summary>
public sealed class HostileCertificateTests(OpenSslSigners signers) : IClassFixture<OpenSslSigners>
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

    // IMAGECACHE_FUZZ asks for a longer run.
    [Theory]
    [InlineData("RSA-PSS")]
    [InlineData("DSA")]
    [InlineData("ECC_SECT571K1")]
    [InlineData("ECC_SECP384R1")]
    public async Task Certificates_taken_apart_and_put_together_again_never_make_other_data_valid(string type)
    {
        await signers.MakeAsync(type);
        SignatureClaim claim = SignatureClaim.Read(await signers.SignAsync(type, type, "SHA-256", s_data));
        byte[] whole = Certificate.TryRead("id", System.Text.Encoding.ASCII.GetBytes(signers.Pem(type))) is { } read ? PemBytes(read.Pem) : [];
        byte[] other = SHA256.HashData([.. s_data, 1]);
        int tests = int.TryParse(Environment.GetEnvironmentVariable("IMAGECACHE_FUZZ"), out int asked) ? asked : 500;
        int readable = 0;
        Prop.ForAll<int>(seed =>
        {
            string pem = PemEncoding.WriteString("CERTIFICATE", Shuffle(whole, new Random(seed)));
            readable += Certificate.TryRead("id", System.Text.Encoding.ASCII.GetBytes(pem)) is null ? 0 : 1;
            SignatureJudge judge = new(new RecordedCertificates(new Dictionary<string, string> { [claim.CertificateId!] = pem }), new InstantTime());
            SignatureVerdict verdict = judge.JudgeAsync(claim, other, [claim.CertificateId!], CancellationToken.None).GetAwaiter().GetResult();
            return verdict is { Status: SignatureStatus.Invalid or SignatureStatus.Unverifiable, Reason.Length: > 0 };
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(tests).WithStartSize(1).WithEndSize(int.MaxValue));

        // Else nothing but the reader would have been tried.
        Assert.InRange(readable, tests / 20, tests);
    }

    private static byte[] PemBytes(string pem) => Convert.FromBase64String(string.Concat(pem.Split('\n')[1..^1]));

    private static byte[] Shuffle(byte[] whole, Random random)
    {
        List<byte> bytes = [.. whole];
        for (int changes = random.Next(1, 4); changes > 0; changes--)
        {
            int position = random.Next(bytes.Count);
            switch (random.Next(8))
            {
                case 0:
                    bytes.Insert(position, (byte)random.Next(256));
                    break;
                case 1:
                    bytes.RemoveAt(position);
                    break;
                case 2:
                    bytes.InsertRange(position, bytes.GetRange(position, Math.Min(random.Next(40), bytes.Count - position)));
                    break;
                case 3:
                    bytes[position] = new byte[] { 0, 1, 0x30, 0x7F, 0x80, 0x84, 0xFF }[random.Next(7)];
                    break;
                default:
                    bytes[position] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }

        return [.. bytes];
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
