using System.Security.Cryptography;
using ImageCache.Engine.Tests.OpenStack;
using ImageCache.Engine.Trust;
using Xunit;

namespace ImageCache.Engine.Tests.Trust;

/// <summary>Judges what a test made.</summary>
internal static class Judgement
{
    /// <summary>Judges data by SHA-256 with the certificates of these signers to be had, at <see cref="TestSigner.Now"/>.</summary>
    public static Task<SignatureVerdict> OfAsync(
        IReadOnlyDictionary<string, string> properties, byte[] data, TestSigner[] known, IReadOnlyList<string>? trusted = null, DateTimeOffset? now = null)
        => new SignatureJudge(Store(known), new InstantTime { Now = now ?? TestSigner.Now })
            .JudgeAsync(SignatureClaim.Read(properties), SHA256.HashData(data), trusted, TestContext.Current.CancellationToken);

    /// <summary>Whether a chain leads from a signer to a trusted root.</summary>
    public static async Task<SignatureVerdict> ChainAsync(TestSigner signer, params TestSigner[] trusted)
    {
        byte[] data = [1, 2, 3];
        return await OfAsync(signer.Sign(data), data, [signer, .. trusted], [.. trusted.Select(static authority => authority.Id)]);
    }

    public static RecordedCertificates Store(params TestSigner[] known) => new(known.DistinctBy(static signer => signer.Id).ToDictionary(static signer => signer.Id, static signer => signer.Pem));
}
