namespace ImageCache.Engine.Tests.Fetch.Guarantees;

public sealed class DownloadDiskTests() : DiskGuarantees(new DownloadOrigin());
