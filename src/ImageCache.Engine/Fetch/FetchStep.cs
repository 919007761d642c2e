using ImageCache.Engine.Requests;

namespace ImageCache.Engine.Fetch;

/// <summary>What every step of one fetch needs: the request, and where progress and warnings go.</summary>
internal sealed record FetchStep(FetchRequest Request, WorkProgress Progress, OperationMonitor Monitor);
