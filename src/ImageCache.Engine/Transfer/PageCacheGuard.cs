using ImageCache.Engine.Native.Posix;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Transfer;

/// <summary>
/// Keeps one reading of a file from pushing other things out of memory: what was not there before is let go again once it was read,
/// what was there (an instance runs on it) stays.
/// </summary>
internal sealed class PageCacheGuard(SafeFileHandle file, long length)
{
    private const int BlockSize = 1 << 20;
    private const int Batch = 8;

    private readonly bool[] _wasThere = PageCache.ResidentBlocks(file, length, BlockSize);
    private int _next;

    /// <summary>Notes that everything before an offset was read.</summary>
    public void Passed(long offset)
    {
        int end = (int)(offset >= length ? _wasThere.Length : offset / BlockSize);
        if (end - _next >= Batch || end == _wasThere.Length)
        {
            ReleaseTo(end);
        }
    }

    private void ReleaseTo(int end)
    {
        while (_next < end)
        {
            int first = _next;
            while (_next < end && _wasThere[_next] == _wasThere[first])
            {
                _next++;
            }

            if (!_wasThere[first])
            {
                PageCache.Release(file, (long)first * BlockSize, (long)(_next - first) * BlockSize);
            }
        }
    }
}
