namespace ImageCache.Engine.Tests.Fetch.Guarantees;

public sealed class DownloadKillTests() : KillGuarantees(new DownloadOrigin());
