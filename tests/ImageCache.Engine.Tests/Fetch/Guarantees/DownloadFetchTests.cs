namespace ImageCache.Engine.Tests.Fetch.Guarantees;

public sealed class DownloadFetchTests() : FetchGuarantees(new DownloadOrigin());
