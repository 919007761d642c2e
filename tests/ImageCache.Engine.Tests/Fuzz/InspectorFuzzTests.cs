using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.Formats;
using ImageCache.Engine.Tests.Formats;
using Xunit;

namespace ImageCache.Engine.Tests.Fuzz;

/// <summary>Images that were made to hurt: the inspector tells of each, always the same, and takes little for it.</summary>
public sealed class InspectorFuzzTests
{
    // All that may be captured at once (head, VMDK descriptor, VHDX tables) and what is made of it; whatever the image claims.
    private const long LeastMemory = 2 << 20;
    private const long MostMemory = 5 << 20;
    private const int LongestByteByByte = 1 << 17;

    private static readonly FormatPolicy Policy = FormatPolicy.From(new ImageCacheConfiguration { CachePath = "/nowhere" });

    [Fact]
    public void AnyImageIsToldTheSameInAnyPieces()
        => Prop.ForAll(FuzzCases.Of(Specimens.All, 10), static fuzz =>
        {
            byte[] image = fuzz.Make(Specimens.All);
            string whole = Inspection.Of(image).Describe();
            Assert.Equal(whole, Inspection.InRandomPieces(image, fuzz.Seed).Describe());
            if (image.Length <= LongestByteByByte)
            {
                Assert.Equal(whole, Inspection.ByteByByte(image).Describe());
            }
        }).Check(FuzzRuns.Config(1500));

    [Fact]
    public void AnyImageIsDecidedOrRefusedInOrder()
        => Prop.ForAll(FuzzCases.Of(Specimens.All, 10), static fuzz =>
        {
            FormatReport report = Inspection.Of(fuzz.Make(Specimens.All));
            try
            {
                FormatDecision decision = Policy.Decide(report, new FormatClaim("x", fuzz.Specimen.Word, "bare"));
                Assert.True(decision.VirtualSize >= 0);
                Assert.Empty(report.Primary?.Problems ?? []);
            }
            catch (ImageCacheException refusal)
            {
                Assert.True(refusal is VerificationException or PolicyException);
                Assert.True(refusal.Message.Length < 4096 && !refusal.Message.Any(char.IsControl), refusal.Message);
            }
        }).Check(FuzzRuns.Config(1500));

    [Fact]
    public void MemoryIsBoundedWhateverAnImageClaims()
    {
        Inspection.Of(Specimens.All[0].Bytes).Describe();
        Prop.ForAll(FuzzCases.Of(Specimens.All, 10), static fuzz =>
        {
            byte[] image = fuzz.Make(Specimens.All);
            long whole = Allocated(image, image.Length);
            long pieces = Allocated(image, 512);
            long limit = Math.Min(MostMemory, LeastMemory + (8L * image.Length));
            Assert.True(whole <= limit, $"{whole} bytes for {image.Length}");
            Assert.True(pieces <= limit, $"{pieces} bytes in pieces for {image.Length}");
        }).Check(FuzzRuns.Config(800));
    }

    [Fact]
    public void WhatFollowsTheHeadersCostsNothing()
        => Prop.ForAll(FuzzCases.Of(Specimens.All, 6), static fuzz =>
        {
            byte[] image = fuzz.Make(Specimens.All);
            FormatInspector inspector = new();
            inspector.Consume(image);
            inspector.ConsumeZeros(4 << 20);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++)
            {
                inspector.Consume(image.AsSpan(0, Math.Min(512, image.Length)));
                inspector.ConsumeZeros(1L << 40);
            }

            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 2 << 20);
            Assert.Equal(image.Length + (4L << 20) + (1000 * ((1L << 40) + Math.Min(512, image.Length))), inspector.Complete().Length);
        }).Check(FuzzRuns.Config(150));

    private static long Allocated(byte[] image, int piece)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        FormatInspector inspector = new();
        for (int position = 0; position < image.Length; position += piece)
        {
            inspector.Consume(image.AsSpan(position, Math.Min(piece, image.Length - position)));
            _ = inspector.EarlyReport;
        }

        inspector.Complete();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
