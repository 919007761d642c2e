using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.Formats;
using Xunit;

namespace ImageCache.Engine.Tests.Fuzz;

/// <summary>What the inspector and <c>qemu-img info</c> both accept is the same to both; and what reaches for other files is never accepted.</summary>
public sealed class QemuAgreementTests : IDisposable
{
    private static readonly ImageCacheConfiguration Configuration = new() { CachePath = "/nowhere" };
    private static readonly FormatPolicy Policy = FormatPolicy.From(Configuration);

    private readonly TestDirectory _directory = new();
    private int _accepted;
    private int _refusedByQemu;

    [Fact]
    public void WhatBothAcceptIsTheSameToBoth()
    {
        Qemu.Require();
        Specimen[] specimens = [.. Specimens.Real, .. Specimens.Handmade.Where(static specimen => specimen.Word is "raw" or "iso" or "vmdk" or "luks")];

        Prop.ForAll(FuzzCases.Of(specimens, 3), CompareAsync).Check(FuzzRuns.Config(700));

        TestContext.Current.SendDiagnosticMessage($"{_accepted} accepted by both, {_refusedByQemu} by the inspector alone");
        Assert.True(_accepted >= 50, $"only {_accepted} cases were accepted by both");
    }

    public void Dispose() => _directory.Dispose();

    private async Task CompareAsync(FuzzCase fuzz)
    {
        byte[] image = fuzz.Make(Specimens.All);
        if (Decide(image, fuzz.Specimen.Word) is not { } decision)
        {
            return;
        }

        string path = _directory["image"];
        await File.WriteAllBytesAsync(path, image);
        QemuImageInfo info;
        try
        {
            info = await new QemuImg(Configuration).InfoAsync(path, "x", CancellationToken.None);
        }
        catch (VerificationException)
        {
            _refusedByQemu++;
            return;
        }

        _accepted++;
        QemuImg.RequireAgreement(info, decision, "x");
    }

    // What is claimed is one thing, what it is another: the image is judged as what it was made from, and as raw.
    private static FormatDecision? Decide(byte[] image, string word)
    {
        FormatReport report = Formats.Inspection.Of(image);
        foreach (string claim in new[] { word, "raw" })
        {
            try
            {
                return Policy.Decide(report, new FormatClaim("x", claim, "bare"));
            }
            catch (ImageCacheException)
            {
                // Refused: there is nothing to compare.
            }
        }

        return null;
    }
}
