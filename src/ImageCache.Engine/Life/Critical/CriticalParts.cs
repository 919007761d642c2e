namespace ImageCache.Engine.Life.Critical;

/// <summary>What the engine's verbs about critical images are made of.</summary>
/// <param name="Registry">The list and its changes.</param>
/// <param name="View">How it stands with each, by this disk alone.</param>
/// <param name="Registration">Registering and fetching.</param>
/// <param name="Sync">Bringing in order.</param>
/// <param name="Initialization">What is done after a restart.</param>
/// <param name="Reach">Asks Glance, anew for each operation.</param>
internal sealed record CriticalParts(
    CriticalRegistry Registry,
    CriticalView View,
    CriticalRegistration Registration,
    CriticalSync Sync,
    CriticalInitialization Initialization,
    Func<GlanceReach> Reach);
