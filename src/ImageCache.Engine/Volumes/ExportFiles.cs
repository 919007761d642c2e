using System.Text;
using ImageCache.Engine.Native.Posix;

namespace ImageCache.Engine.Volumes;

/// <summary>The files of an export, all in one directory.</summary>
internal sealed class ExportFiles(string directory)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Enterable = Private | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    public string Directory { get; } = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(directory));

    /// <summary>The view. Before and after the export it is an empty file, on which the view is mounted.</summary>
    public string View => In("disk");

    public string PidPath => In("pid");

    public string LogPath => In("log");

    public string CephConfiguration => In("ceph.conf");

    /// <summary>Makes the directory and what must be there before the process begins.</summary>
    public void Prepare(ConnectedVolume volume, string keyringDirectory)
    {
        System.IO.Directory.CreateDirectory(Directory, Enterable);
        File.Delete(PidPath);
        Write(LogPath, string.Empty);
        if (!File.Exists(View))
        {
            Write(View, string.Empty);
        }

        if (volume.Rbd is { } rbd)
        {
            Write(CephConfiguration, CephText(rbd, keyringDirectory));
        }
    }

    /// <summary>Takes away everything that is not in use any more.</summary>
    public void Remove()
    {
        if (!System.IO.Directory.Exists(Directory))
        {
            return;
        }

        foreach (string path in new[] { View, PidPath, LogPath, CephConfiguration })
        {
            File.Delete(path);
        }

        System.IO.Directory.Delete(Directory);
    }

    /// <summary>The end of what the process had to say, on one line.</summary>
    public string Complaint()
    {
        const int Longest = 400;
        try
        {
            string text = string.Join(' ', File.ReadAllText(LogPath).Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries));
            text = string.Concat(text.Select(static c => char.IsControl(c) ? '?' : c)).TrimEnd('.');
            return text.Length > Longest ? "…" + text[^Longest..] : text;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }

    // As os-brick writes one for itself (os_brick/initiator/connectors/rbd.py, _create_ceph_conf).
    private static string CephText(RbdVolume rbd, string keyringDirectory)
        => $"""
            [global]
            mon_host = {string.Join(',', rbd.Monitors)}
            keyring = {System.IO.Path.Join(keyringDirectory, $"{rbd.Cluster}.client.{rbd.User}.keyring")}

            """;

    private static void Write(string path, string text)
    {
        File.Delete(path);
        using Microsoft.Win32.SafeHandles.SafeFileHandle file = OpenFile.Open(
            path, OpenFile.ReadWrite | OpenFile.Create | OpenFile.Exclusive | OpenFile.NoFollow, Private);
        RandomAccess.Write(file, Encoding.UTF8.GetBytes(text), 0);
    }

    private string In(string name) => System.IO.Path.Join(Directory, name);
}
