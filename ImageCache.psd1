@{
    RootModule           = 'module/ImageCache.psm1'
    ModuleVersion        = '0.1.0'
    GUID                 = '0f6b5a0e-2d1c-4f57-9a3e-7c1b8e4d2a96'
    Author               = 'The ImageCache authors'
    Copyright            = '(c) The ImageCache authors. MIT licence.'
    Description          = 'Keeps base images of OpenStack compute nodes ready in the image cache that nova uses.'
    PowerShellVersion    = '7.6'
    CompatiblePSEditions = @('Core')

    # Loaded before the psm1 is parsed, into the default context: what scripts may name.
    RequiredAssemblies   = @('module/bin/ImageCache.dll')
    FormatsToProcess     = @('module/ImageCache.Format.ps1xml')
    TypesToProcess       = @('module/ImageCache.Types.ps1xml')

    CmdletsToExport      = @(
        'Find-BaseImage'
        'Get-BaseImage'
        'Get-CriticalImage'
        'Get-ImageCacheConfiguration'
        'Get-ImagePopularity'
        'Initialize-ImageCache'
        'Invoke-ImageCacheMaintenance'
        'Invoke-ImageFetch'
        'New-InstanceDisk'
        'Invoke-ImagePrecache'
        'Register-CriticalImage'
        'Remove-BaseImage'
        'Remove-UnusedBaseImage'
        'Sync-CriticalImage'
        'Test-BaseImage'
        'Test-ImageCacheNode'
        'Test-ImageSignature'
        'Unregister-CriticalImage'
    )
    FunctionsToExport    = @()
    AliasesToExport      = @()
    VariablesToExport    = @()

    PrivateData          = @{
        PSData = @{
            Tags       = @('OpenStack', 'Glance', 'Nova', 'Ceph', 'Image', 'Cache', 'Linux', 'PSEdition_Core')
            LicenseUri = 'https://opensource.org/license/mit'
        }
    }
}
