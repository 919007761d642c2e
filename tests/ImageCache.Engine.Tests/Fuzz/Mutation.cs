namespace ImageCache.Engine.Tests.Fuzz;

/// <summary>One change; numbers are choices, and every number is a possible one.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Place">Chooses where.</param>
/// <param name="Choice">Chooses with what.</param>
/// <param name="Width">Chooses how much.</param>
internal readonly record struct Mutation(MutationKind Kind, int Place, int Choice, int Width);
