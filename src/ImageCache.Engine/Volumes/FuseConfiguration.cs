namespace ImageCache.Engine.Volumes;

/// <summary>What users who are not root may do with FUSE. Source: mount.fuse3(8), fuse.conf.</summary>
internal static class FuseConfiguration
{
    public const string Path = "/etc/fuse.conf";

    /// <summary>The line by which users may let others read what they mount.</summary>
    public const string UserAllowOther = "user_allow_other";

    /// <summary>Whether what a user mounts can be read by others. fusermount3 looks for the word alone on its line.</summary>
    public static bool LetsUsersShare(string path)
    {
        try
        {
            return File.ReadLines(path).Any(static line => line.Trim() == UserAllowOther);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
