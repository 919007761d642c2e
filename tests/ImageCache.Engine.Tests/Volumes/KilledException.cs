namespace ImageCache.Engine.Tests.Volumes;

/// <summary>Stands for the end of a process by <see cref="KillSwitch"/>.</summary>
internal sealed class KilledException : Exception;
