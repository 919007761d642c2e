namespace ImageCache.Engine.Tests.Fuzz;

/// <summary>One change to a text; numbers are choices, and every number is a possible one.</summary>
/// <param name="Kind">Chooses what is done.</param>
/// <param name="Place">Chooses where.</param>
/// <param name="Choice">Chooses with what.</param>
internal readonly record struct TextEdit(int Kind, int Place, int Choice);
