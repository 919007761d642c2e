namespace ImageCache;

/// <summary>The stable ids of all errors. They are never renamed.</summary>
public static class ErrorIds
{
    /// <summary>A setting has an unknown key or a value that cannot be used.</summary>
    public const string ConfigurationInvalid = nameof(ConfigurationInvalid);

    /// <summary>The command line cannot be understood.</summary>
    public const string UsageInvalid = nameof(UsageInvalid);

    /// <summary>The cloud named is not configured, or its entry cannot be used.</summary>
    public const string CloudNotConfigured = nameof(CloudNotConfigured);

    /// <summary>An image reference, checksum or URI cannot be read.</summary>
    public const string InvalidReference = nameof(InvalidReference);

    /// <summary>Several images have this name.</summary>
    public const string AmbiguousImage = nameof(AmbiguousImage);

    /// <summary>No such image.</summary>
    public const string ImageNotFound = nameof(ImageNotFound);

    /// <summary>The image has no data (any more).</summary>
    public const string ImageDataNotFound = nameof(ImageDataNotFound);

    /// <summary>The cache does not hold the image.</summary>
    public const string ImageNotCached = nameof(ImageNotCached);

    /// <summary>The image's status does not allow it.</summary>
    public const string ImageNotActive = nameof(ImageNotActive);

    /// <summary>Policy refuses the image's owner or visibility.</summary>
    public const string ImageNotAllowed = nameof(ImageNotAllowed);

    /// <summary>Policy refuses the image's format.</summary>
    public const string FormatNotAllowed = nameof(FormatNotAllowed);

    /// <summary>Policy wants a digest or a signature that the image does not have.</summary>
    public const string VerificationRequired = nameof(VerificationRequired);

    /// <summary>The image exceeds a size that is allowed.</summary>
    public const string ImageTooLarge = nameof(ImageTooLarge);

    /// <summary>The service says that this user may not.</summary>
    public const string AccessDenied = nameof(AccessDenied);

    /// <summary>Keystone refuses the credentials.</summary>
    public const string AuthenticationFailed = nameof(AuthenticationFailed);

    /// <summary>The digest of the bytes is not the image's.</summary>
    public const string DigestMismatch = nameof(DigestMismatch);

    /// <summary>More or fewer bytes than the image has.</summary>
    public const string SizeMismatch = nameof(SizeMismatch);

    /// <summary>The bytes are in another format than the image says.</summary>
    public const string FormatMismatch = nameof(FormatMismatch);

    /// <summary>The image uses a feature that must not be opened.</summary>
    public const string UnsafeImage = nameof(UnsafeImage);

    /// <summary>The signature is wrong.</summary>
    public const string SignatureInvalid = nameof(SignatureInvalid);

    /// <summary>The signature is right, but its certificate is not trusted, or is outside its dates; and a valid one is required.</summary>
    public const string SignatureUntrusted = nameof(SignatureUntrusted);

    /// <summary>The signature could not be judged, and a valid one is required.</summary>
    public const string SignatureUnverifiable = nameof(SignatureUnverifiable);

    /// <summary>A foreign file under the image's name is not the image.</summary>
    public const string ForeignFileDiffers = nameof(ForeignFileDiffers);

    /// <summary>No answer from a service.</summary>
    public const string ServiceUnavailable = nameof(ServiceUnavailable);

    /// <summary>A service's answer makes no sense.</summary>
    public const string ServiceAnswerInvalid = nameof(ServiceAnswerInvalid);

    /// <summary>A transfer broke off or stalled, to the last attempt.</summary>
    public const string TransferFailed = nameof(TransferFailed);

    /// <summary>The method is not to be had on this node or for this image.</summary>
    public const string MethodUnavailable = nameof(MethodUnavailable);

    /// <summary>The data lie in another Ceph cluster than the one that this node reads.</summary>
    public const string OtherCluster = nameof(OtherCluster);

    /// <summary>The volume behind the image is not there, or this project may not see it.</summary>
    public const string VolumeNotFound = nameof(VolumeNotFound);

    /// <summary>The volume's state, or another attachment of it, does not allow it.</summary>
    public const string VolumeBusy = nameof(VolumeBusy);

    /// <summary>The block storage service could not make, attach or change the volume.</summary>
    public const string VolumeFailed = nameof(VolumeFailed);

    /// <summary>The project's quota of volumes or gigabytes is used up.</summary>
    public const string QuotaExceeded = nameof(QuotaExceeded);

    /// <summary>This node could not connect a volume, or not let it go.</summary>
    public const string VolumeConnectionFailed = nameof(VolumeConnectionFailed);

    /// <summary>The cache directory is missing, or cannot be read or written.</summary>
    public const string CacheUnavailable = nameof(CacheUnavailable);

    /// <summary>There is no room.</summary>
    public const string DiskFull = nameof(DiskFull);

    /// <summary>A tool that is needed is missing or failed.</summary>
    public const string ToolFailed = nameof(ToolFailed);

    /// <summary>The image is in use.</summary>
    public const string ImageInUse = nameof(ImageInUse);

    /// <summary>Somebody else holds the image's lock.</summary>
    public const string ImageLocked = nameof(ImageLocked);

    /// <summary>A file could not be removed, or not be kept from nova's aging, as had been decided.</summary>
    public const string PruneFailed = nameof(PruneFailed);

    /// <summary>The image's record was written by a newer version, and is left alone.</summary>
    public const string RecordNewer = nameof(RecordNewer);

    /// <summary>The place for an instance disk cannot be used.</summary>
    public const string DiskPathInvalid = nameof(DiskPathInvalid);

    /// <summary>The directory for an instance disk is missing, or cannot be written.</summary>
    public const string DiskPathUnavailable = nameof(DiskPathUnavailable);

    /// <summary>There is a file already where an instance disk shall be.</summary>
    public const string DiskExists = nameof(DiskExists);

    /// <summary>The disk to be replaced is in use.</summary>
    public const string DiskInUse = nameof(DiskInUse);

    /// <summary>An instance disk would be smaller than its base image.</summary>
    public const string DiskSmallerThanImage = nameof(DiskSmallerThanImage);

    /// <summary>An instance disk would be smaller than the image's min_disk.</summary>
    public const string DiskSmallerThanMinDisk = nameof(DiskSmallerThanMinDisk);

    /// <summary>A target belongs to other data than its base file has now, and disks use it.</summary>
    public const string TargetInUse = nameof(TargetInUse);

    /// <summary>No such flavor.</summary>
    public const string FlavorNotFound = nameof(FlavorNotFound);

    /// <summary>An object that should tell of an image's popularity does not.</summary>
    public const string PopularityInvalid = nameof(PopularityInvalid);

    /// <summary>The image is critical, and is kept.</summary>
    public const string ImageCritical = nameof(ImageCritical);

    /// <summary>The image is not registered as critical.</summary>
    public const string ImageNotCritical = nameof(ImageNotCritical);

    /// <summary>Something of a critical image is missing on this node.</summary>
    public const string CriticalIncomplete = nameof(CriticalIncomplete);

    /// <summary>The list of critical images cannot be read, and is left alone.</summary>
    public const string CriticalListDamaged = nameof(CriticalListDamaged);

    /// <summary>Another process does the maintenance of this cache just now.</summary>
    public const string MaintenanceRunning = nameof(MaintenanceRunning);

    /// <summary>Something that should not happen.</summary>
    public const string InternalError = nameof(InternalError);
}
