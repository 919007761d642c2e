using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Transfer;
using ImageCache.Engine.Trust;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace ImageCache.Engine.Tests.Transfer;

public sealed class TransferPipelineTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Any_mix_of_data_zeros_and_holes_comes_out_byte_for_byte_with_its_digest()
    {
        Gen<(int Kind, int Length)> run = Gen.Choose(0, 2).SelectMany(kind => Gen.Choose(1, 3_000_000).Select(length => (kind, length)));
        Prop.ForAll(Arb.From(run.ListOf().Where(static runs => runs.Count < 8)), runs =>
        {
            byte[] expected = Content(runs);
            (byte[] written, ImageDigest digest, long allocated) = RunAsync(new ScriptedReader(runs)).GetAwaiter().GetResult();
            return written.AsSpan().SequenceEqual(expected)
                && digest.Hex == Convert.ToHexStringLower(SHA256.HashData(expected))
                && allocated <= (expected.Length - LongZeros(runs)) + (runs.Count * 256L * 1024) + 65536;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(25));
    }

    [Fact]
    public async Task One_byte_too_many_is_an_error_and_the_exact_length_is_not()
    {
        await RunAsync(new ScriptedReader([(0, 1000)]), largest: 1000);
        await Assert.ThrowsAsync<InvalidDataException>(() => RunAsync(new ScriptedReader([(0, 1001)]), largest: 1000));
        await Assert.ThrowsAsync<InvalidDataException>(() => RunAsync(new ScriptedReader([(0, 1000), (2, 1)]), largest: 1000));
    }

    [Fact]
    public async Task A_stage_that_throws_ends_the_transfer_with_its_error()
    {
        using WorkProgress progress = new OperationMonitor().Begin("x");
        await using TransferPipeline pipeline = new([[new FailingStage()]], null, progress);
        await Assert.ThrowsAsync<VerificationException>(
            () => pipeline.PumpAsync(new ScriptedReader([.. Enumerable.Repeat((0, 1 << 20), 64)]), long.MaxValue, static _ => new InvalidDataException(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task After_a_break_the_rest_goes_on_where_it_stopped()
    {
        (byte[] written, ImageDigest digest, _) = await RunAsync(new ScriptedReader([(0, 1_500_000), (-1, 0), (0, 900_000)]));
        byte[] expected = Content([(0, 1_500_000), (0, 900_000)]);
        Assert.True(written.AsSpan().SequenceEqual(expected));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(expected)), digest.Hex);
    }

    [Fact]
    public async Task After_a_reset_nothing_of_the_first_attempt_is_left()
    {
        string path = _directory["file"];
        using WorkProgress progress = new OperationMonitor().Begin("x");
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite);
        using DigestStage digests = new([DigestAlgorithm.Sha256]);
        using SparseFileWriter writer = new(file);
        await using TransferPipeline pipeline = new([[digests], [writer]], null, progress);
        await pipeline.PumpAsync(new ScriptedReader([(0, 3_000_000)]), long.MaxValue, static _ => new InvalidDataException(), TestContext.Current.CancellationToken);
        await pipeline.ResetAsync(TestContext.Current.CancellationToken);
        await pipeline.PumpAsync(new ScriptedReader([(0, 1000)]), long.MaxValue, static _ => new InvalidDataException(), TestContext.Current.CancellationToken);
        await pipeline.CompleteAsync();
        file.Dispose();
        byte[] expected = Content([(0, 1000)]);
        Assert.Equal(expected, File.ReadAllBytes(path));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(expected)), digests.Digests[0].Hex);
    }

    private async Task<(byte[] Written, ImageDigest Digest, long Allocated)> RunAsync(ScriptedReader reader, long largest = long.MaxValue)
    {
        string path = _directory[Guid.NewGuid().ToString()];
        using WorkProgress progress = new OperationMonitor().Begin("x");
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite);
        using DigestStage digests = new([DigestAlgorithm.Sha256]);
        using SparseFileWriter writer = new(file);
        await using TransferPipeline pipeline = new([[digests], [writer]], null, progress);
        while (true)
        {
            try
            {
                await pipeline.PumpAsync(reader, largest, static _ => new InvalidDataException(), CancellationToken.None);
                break;
            }
            catch (TransferInterruptedException)
            {
                // The scripted reader goes on behind its break.
            }
        }

        await pipeline.CompleteAsync();
        file.Dispose();
        long allocated = FileStatus.OfPath(path)!.Value.Allocated;
        byte[] written = File.ReadAllBytes(path);
        File.Delete(path);
        return (written, digests.Digests[0], allocated);
    }

    // Kind 0: noise; 1: zeros that are read; 2: a hole.
    private static byte[] Content(IReadOnlyList<(int Kind, int Length)> runs)
    {
        byte[] content = new byte[runs.Where(static run => run.Kind >= 0).Sum(static run => run.Length)];
        int at = 0;
        for (int i = 0; i < runs.Count; i++)
        {
            if (runs[i].Kind == 0)
            {
                Noise(at, content.AsSpan(at, runs[i].Length));
            }

            at += runs[i].Kind >= 0 ? runs[i].Length : 0;
        }

        return content;
    }

    private static void Noise(long offset, Span<byte> into)
    {
        for (int i = 0; i < into.Length; i++)
        {
            into[i] = (byte)(((offset + i) * 2654435761L >> 7) | 1);
        }
    }

    private static long LongZeros(IReadOnlyList<(int Kind, int Length)> runs)
        => runs.Where(static run => run.Kind > 0).Sum(static run => (long)run.Length);

    private sealed class ScriptedReader(IReadOnlyList<(int Kind, int Length)> runs) : IByteReader
    {
        private int _index;
        private int _done;
        private long _offset;

        public long Start => 0;

        public ValueTask<ReadRun> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            if (_index == runs.Count)
            {
                return ValueTask.FromResult(default(ReadRun));
            }

            (int kind, int length) = runs[_index];
            int left = length - _done;
            if (kind < 0)
            {
                _index++;
                throw new TransferInterruptedException("scripted");
            }

            int step = kind == 2 ? left : Math.Min(Math.Min(left, buffer.Length), 70_001);
            if (kind == 0)
            {
                Noise(_offset, buffer.Span[..step]);
            }
            else if (kind == 1)
            {
                buffer.Span[..step].Clear();
            }

            _offset += step;
            _done += step;
            if (_done == length)
            {
                _index++;
                _done = 0;
            }

            return ValueTask.FromResult(kind == 2 ? new ReadRun(0, step) : new ReadRun(step, 0));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class FailingStage : ITransferStage
    {
        public void Data(ReadOnlySpan<byte> data, long offset) => throw new VerificationException(ErrorIds.UnsafeImage, "scripted");

        public void Hole(long length, long offset)
        {
        }

        public void Reset()
        {
        }

        public void Complete(long length)
        {
        }
    }
}
