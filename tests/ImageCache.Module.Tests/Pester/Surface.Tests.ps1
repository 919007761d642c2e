BeforeDiscovery {
    # What scripts rely on: more may come, none may leave or change its name. [m] mandatory, [v] by value, [p] by property.
    $surface = [ordered]@{
        'Find-BaseImage'               = @(
            'ImageId [m] [v] [p] = String[] (Id, Image)', 'Name = String[]', 'Owner = String', 'Property = Hashtable', 'Status = String',
            'Tag = String[]', 'Visibility = String'
        )
        'Get-BaseImage'                = @('ImageId [m] [v] [p] = String[] (Id, Image)', 'Name = String[]')
        'Get-CriticalImage'            = @('ImageId [v] [p] = String[] (Id, Image)')
        'Get-ImageCacheConfiguration'  = @('Name = String[]')
        'Get-ImagePopularity'          = @('First = Int32', 'InputObject [v] = PSObject[]', 'NoScan = SwitchParameter', 'Owner = String[]')
        'Initialize-ImageCache'        = @('Confirm = SwitchParameter (cf)', 'Create = SwitchParameter', 'WhatIf = SwitchParameter (wi)')
        'Invoke-ImageCacheMaintenance' = @('Confirm = SwitchParameter (cf)', 'Step = MaintenanceStep[]', 'WhatIf = SwitchParameter (wi)')
        'Invoke-ImageFetch'            = @(
            'Checksum [m] [p] = String', 'Confirm = SwitchParameter (cf)', 'Force = SwitchParameter', 'ImageId [m] [v] [p] = String[] (Id, Image)',
            'Method = FetchMethod', 'RateLimit = String', 'RequireSignature = SwitchParameter', 'SignaturePolicy = SignaturePolicy', 'ThrottleLimit = Int32',
            'TrustedCertificate = String[]', 'Uri [m] [p] = String', 'WhatIf = SwitchParameter (wi)'
        )
        'Invoke-ImagePrecache'         = @(
            'AsJob = SwitchParameter', 'Confirm = SwitchParameter (cf)', 'Critical [m] = SwitchParameter', 'First = Int32',
            'ImageId [m] [v] [p] = String[] (Id, Image)', 'Jitter = TimeSpan', 'MaximumSize = String', 'Method = FetchMethod', 'Name = String',
            'Owner = String', 'Property = Hashtable', 'RateLimit = String', 'RequireSignature = SwitchParameter', 'Tag = String[]',
            'ThrottleLimit = Int32', 'Visibility = String', 'WhatIf = SwitchParameter (wi)'
        )
        'New-InstanceDisk'             = @(
            'Confirm = SwitchParameter (cf)', 'CreateDirectory = SwitchParameter', 'Flavor = String', 'Force = SwitchParameter', 'Format = InstanceDiskFormat',
            'ImageId [m] [v] [p] = String (Id, Image)', 'InstanceId [m] [p] = Guid', 'Path [m] [p] = String', 'RequireSignature = SwitchParameter',
            'Size = String', 'Target = SwitchParameter', 'WhatIf = SwitchParameter (wi)'
        )
        'Register-CriticalImage'       = @(
            'Confirm = SwitchParameter (cf)', 'Force = SwitchParameter', 'ImageId [m] [v] [p] = String[] (Id, Image)', 'Method = FetchMethod',
            'NoFetch = SwitchParameter', 'RequireSignature = SwitchParameter', 'TargetSize = Int64[]', 'ThrottleLimit = Int32', 'WhatIf = SwitchParameter (wi)'
        )
        'Remove-BaseImage'             = @(
            'Confirm = SwitchParameter (cf)', 'Force = SwitchParameter', 'ImageId [m] [v] [p] = String[] (Id, Image)',
            'WhatIf = SwitchParameter (wi)'
        )
        'Sync-CriticalImage'           = @(
            'Confirm = SwitchParameter (cf)', 'ImageId [v] [p] = String[] (Id, Image)', 'ThrottleLimit = Int32', 'Update = SwitchParameter',
            'Verify = SwitchParameter', 'WhatIf = SwitchParameter (wi)'
        )
        'Remove-UnusedBaseImage'       = @(
            'Confirm = SwitchParameter (cf)', 'HighWatermark = Int32', 'LowWatermark = Int32', 'MaximumSize = String', 'MinimumAge = TimeSpan',
            'PassThru = SwitchParameter', 'Quarantine = SwitchParameter', 'WhatIf = SwitchParameter (wi)', 'WhenNeeded = SwitchParameter'
        )
        'Test-BaseImage'               = @(
            'Confirm = SwitchParameter (cf)', 'ImageId [v] [p] = String[] (Id, Image)', 'OlderThan = TimeSpan', 'Online = SwitchParameter',
            'Quiet = SwitchParameter', 'RateLimit = String', 'Repair = SwitchParameter', 'WhatIf = SwitchParameter (wi)'
        )
        'Test-ImageCacheNode'          = @(
            'ImageId [v] [p] = String[] (Id, Image)', 'Method = FetchMethod', 'Online = SwitchParameter', 'Quiet = SwitchParameter'
        )
        'Test-ImageSignature'          = @(
            'ImageId [m] [v] [p] = String[] (Id, Image)', 'Path [m] = String', 'Property [m] = Hashtable', 'Quiet = SwitchParameter',
            'TrustedCertificate = String[]'
        )
        'Unregister-CriticalImage'     = @('Confirm = SwitchParameter (cf)', 'ImageId [m] [v] [p] = String[] (Id, Image)', 'WhatIf = SwitchParameter (wi)')
    }
    $cases = foreach ($entry in $surface.GetEnumerator()) { @{ Cmdlet = $entry.Key; Parameters = $entry.Value } }
    $outputs = @(
        @{ Cmdlet = 'Find-BaseImage'; Type = 'ImageCache.ImageDescriptor' }
        @{ Cmdlet = 'Get-BaseImage'; Type = 'ImageCache.BaseImage' }
        @{ Cmdlet = 'Get-CriticalImage'; Type = 'ImageCache.CriticalImage' }
        @{ Cmdlet = 'Get-ImageCacheConfiguration'; Type = 'ImageCache.EffectiveSetting' }
        @{ Cmdlet = 'Get-ImagePopularity'; Type = 'ImageCache.ImagePopularity' }
        @{ Cmdlet = 'Initialize-ImageCache'; Type = 'ImageCache.InitializationResult' }
        @{ Cmdlet = 'Invoke-ImageCacheMaintenance'; Type = 'ImageCache.MaintenanceResult' }
        @{ Cmdlet = 'Invoke-ImageFetch'; Type = 'ImageCache.BaseImage' }
        @{ Cmdlet = 'Invoke-ImagePrecache'; Type = 'ImageCache.BaseImage', 'System.Management.Automation.Job' }
        @{ Cmdlet = 'New-InstanceDisk'; Type = 'ImageCache.InstanceDisk' }
        @{ Cmdlet = 'Register-CriticalImage'; Type = 'ImageCache.CriticalImage' }
        @{ Cmdlet = 'Remove-BaseImage'; Type = 'ImageCache.BaseImage' }
        @{ Cmdlet = 'Sync-CriticalImage'; Type = 'ImageCache.CriticalImage' }
        @{ Cmdlet = 'Remove-UnusedBaseImage'; Type = 'ImageCache.PruneDecision' }
        @{ Cmdlet = 'Test-BaseImage'; Type = @('ImageCache.IntegrityResult', 'System.Boolean') }
        @{ Cmdlet = 'Test-ImageCacheNode'; Type = @('ImageCache.NodeCheckResult', 'System.Boolean') }
        @{ Cmdlet = 'Test-ImageSignature'; Type = 'ImageCache.SignatureResult', 'System.Boolean' }
        @{ Cmdlet = 'Unregister-CriticalImage'; Type = 'ImageCache.CriticalImage' }
    )
    $objects = @(
        @{
            Type       = 'ImageCache.ImageDescriptor'
            Properties = 'Id', 'Name', 'Status', 'Visibility', 'Owner', 'DiskFormat', 'ContainerFormat', 'Size', 'VirtualSize', 'MinDisk', 'Checksum',
            'HashAlgorithm', 'HashValue', 'CreatedAt', 'UpdatedAt', 'Tags', 'Properties', 'Locations', 'IsSigned', 'IsCached'
        }
        @{
            Type       = 'ImageCache.BaseImage'
            Properties = 'Id', 'Name', 'Node', 'Path', 'State', 'Method', 'DiskFormat', 'VirtualSize', 'Size', 'AllocatedSize', 'SourceDigest', 'Digest',
            'DigestStatus', 'SignatureStatus', 'IsCritical', 'InUse', 'FetchedAt', 'LastUsedAt', 'UseCount', 'Hit', 'BytesTransferred', 'Duration'
        }
        @{
            Type       = 'ImageCache.CriticalImage'
            Properties = 'Id', 'Name', 'Node', 'Path', 'Status', 'Reason', 'IsCached', 'DigestStatus', 'SignatureStatus', 'TargetSizes', 'MissingTargets',
            'Method', 'RequireSignature', 'Size', 'RegisteredAt', 'SyncedAt', 'IsFresh'
        }
        @{ Type = 'ImageCache.InitializationResult'; Properties = 'Id', 'Name', 'Node', 'Path', 'Action', 'Reason' }
        @{
            Type       = 'ImageCache.SignatureResult'
            Properties = 'ImageId', 'Path', 'Status', 'Reason', 'KeyType', 'HashMethod', 'Certificate', 'Chain', 'TrustChecked', 'HashedBytes', 'HashedWhat'
        }
        @{ Type = 'ImageCache.SignatureCertificate'; Properties = 'Id', 'Subject', 'Issuer', 'Serial', 'NotBefore', 'NotAfter' }
        @{
            Type       = 'ImageCache.IntegrityResult'
            Properties = 'Id', 'Name', 'Node', 'Path', 'Status', 'Reason', 'Expected', 'Actual', 'Size', 'CheckedAt', 'LastProvedAt', 'Repaired'
        }
        @{
            Type       = 'ImageCache.ImagePopularity'
            Properties = 'Rank', 'Id', 'Name', 'Owner', 'Visibility', 'Node', 'Nodes', 'Score', 'Uses', 'TotalUses', 'LastUsedAt', 'IsCached',
            'Size', 'BaseName', 'MeasuredAt'
        }
        @{
            Type       = 'ImageCache.InstanceDisk'
            Properties = 'ImageId', 'Name', 'Node', 'Path', 'Format', 'VirtualSize', 'BackingFile', 'BackingFormat', 'Base', 'Target', 'Size', 'AllocatedSize',
            'CopyMethod', 'CreatedAt'
        }
        @{
            Type       = 'ImageCache.NodeCheckResult'
            Properties = 'Node', 'Method', 'Need', 'Description', 'Status', 'IsRequired', 'Reason', 'NextStep', 'ImageId'
        }
        @{
            Type       = 'ImageCache.PruneDecision'
            Properties = 'Path', 'ImageId', 'Name', 'Node', 'Kind', 'Size', 'AllocatedSize', 'Age', 'Action', 'Reason', 'UsedBy', 'Done', 'Error'
        }
        @{ Type = 'ImageCache.MaintenanceResult'; Properties = 'Node', 'Step', 'Status', 'Items', 'Changed', 'Failures', 'Reason', 'Duration' }
        @{ Type = 'ImageCache.EffectiveSetting'; Properties = 'Name', 'Value', 'Source', 'Origin', 'Description' }
    )
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestBed.psm1') -Force
    Import-TestModule
    $common = [Management.Automation.PSCmdlet]::CommonParameters
    $ours = 'CachePath', 'Cloud', 'ConfigurationPath'

    function Get-Surface {
        param([Management.Automation.CommandInfo] $Command)
        foreach ($parameter in $Command.Parameters.Values | Where-Object Name -NotIn ($common + $ours) | Sort-Object Name) {
            $attributes = $parameter.Attributes | Where-Object { $_ -is [Parameter] }
            $flags = @(
                if ($attributes.Mandatory -contains $true) { ' [m]' }
                if ($attributes.ValueFromPipeline -contains $true) { ' [v]' }
                if ($attributes.ValueFromPipelineByPropertyName -contains $true) { ' [p]' }
            ) -join ''
            $aliases = if ($parameter.Aliases) { " ($($parameter.Aliases -join ', '))" }
            "$($parameter.Name)$flags = $($parameter.ParameterType.Name)$aliases"
        }
    }
}

Describe 'The surface' {
    It 'has the cmdlets of the manifest' {
        (Get-Command -Module ImageCache).Name | Sort-Object | Should -Be ((Import-PowerShellDataFile (Get-TestManifest)).CmdletsToExport | Sort-Object)
    }

    It 'gives <Cmdlet> its parameters' -ForEach $cases {
        Get-Surface (Get-Command $Cmdlet) | Should -Be $Parameters
    }

    It 'gives <Cmdlet> the common parameters of the module' -ForEach $cases {
        (Get-Command $Cmdlet).Parameters.Keys | Where-Object { $_ -in $ours } | Sort-Object | Should -Be $ours
    }

    It 'declares that <Cmdlet> returns <Type>' -ForEach $outputs {
        (Get-Command $Cmdlet).OutputType.Type.FullName | Should -Be $Type
    }

    It 'uses approved verbs' {
        (Get-Command -Module ImageCache).Verb | Where-Object { $_ -notin (Get-Verb).Verb } | Should -BeNullOrEmpty
    }

    It 'keeps the properties of <Type>' -ForEach $objects {
        $names = ([type]$Type).GetProperties().Name
        $Properties | Where-Object { $_ -notin $names } | Should -BeNullOrEmpty
    }

    It 'lists all four methods' {
        [Enum]::GetNames([ImageCache.FetchMethod]) | Should -Be @('Auto', 'Download', 'VolumeLink', 'RbdExport')
    }
}
