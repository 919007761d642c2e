namespace ImageCache.Engine.OpenStack.Volumes;

/// <summary>
/// What tells an attachment of ours from anybody else's: the mount point in its connector, which is free text to Cinder, and which a
/// volume shows of each of its completed attachments. An attachment that is not completed bears no mark.
/// </summary>
internal static class AttachmentMark
{
    private const string Prefix = "imagecache:";
    private const int Longest = 255;

    /// <summary>The mark of a node's attachments.</summary>
    public static string Of(string node)
    {
        string mark = Prefix + node;
        return mark.Length > Longest ? mark[..Longest] : mark;
    }

    /// <summary>Whether an attachment is this node's and ours; an instance's never is.</summary>
    public static bool IsOurs(VolumeUse use, string node)
        => use.InstanceId is null && string.Equals(use.Device, Of(node), StringComparison.Ordinal);
}
