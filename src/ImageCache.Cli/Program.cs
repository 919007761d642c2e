using ImageCache.Cli;

using Interruption interruption = new();
return await CommandLine.RunAsync(args, interruption.Token).ConfigureAwait(false);
