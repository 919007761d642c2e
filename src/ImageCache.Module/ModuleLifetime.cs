using System.Management.Automation;

namespace ImageCache.Module;

/// <summary>Runs once per import and runspace; costs nothing: clients and native libraries open on first use.</summary>
public sealed class ModuleLifetime : IModuleAssemblyInitializer
{
    /// <inheritdoc/>
    public void OnImport()
    {
    }
}
