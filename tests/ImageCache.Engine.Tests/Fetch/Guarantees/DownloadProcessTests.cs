namespace ImageCache.Engine.Tests.Fetch.Guarantees;

public sealed class DownloadProcessTests() : ProcessGuarantees(new DownloadOrigin());
