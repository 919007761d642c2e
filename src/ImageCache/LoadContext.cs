using System.Reflection;
using System.Runtime.Loader;

namespace ImageCache;

/// <summary>
/// The private load context of the module: the engine and its dependencies live here, so that another module may bring
/// another version of the same libraries. This assembly itself stays in the default context, where scripts can name its types.
/// </summary>
public sealed class LoadContext : AssemblyLoadContext
{
    private const string ModuleAssembly = "ImageCache.Module";

    private static readonly Lock Gate = new();
    private static LoadContext? s_instance;

    private readonly Assembly _shared = typeof(LoadContext).Assembly;
    private readonly string _directory;

    private LoadContext()
        : base(nameof(ImageCache), isCollectible: false)
        => _directory = Path.GetDirectoryName(_shared.Location) ?? AppContext.BaseDirectory;

    /// <summary>Loads the cmdlets' assembly into the private context, once per process.</summary>
    /// <returns>The assembly to hand to <c>Import-Module -Assembly</c>.</returns>
    public static Assembly Initialize()
    {
        lock (Gate)
        {
            s_instance ??= new LoadContext();
            return s_instance.LoadFromAssemblyName(new AssemblyName(ModuleAssembly));
        }
    }

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        ArgumentNullException.ThrowIfNull(assemblyName);
        if (assemblyName.Name == _shared.GetName().Name)
        {
            return _shared;
        }

        // PowerShell's own assembly must be the host's, even when a stub of it lies beside us.
        if (assemblyName.Name is null or "System.Management.Automation")
        {
            return null;
        }

        string path = Path.Join(_directory, assemblyName.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }
}
