BeforeDiscovery {
    # What scripts rely on: more may come, none may leave or change its name. [m] mandatory, [v] by value, [p] by property.
    $surface = [ordered]@{
        'Find-BaseImage'              = @(
            'ImageId [m] [v] [p] = String[] (Id, Image)', 'Name = String[]', 'Owner = String', 'Property = Hashtable', 'Status = String',
            'Tag = String[]', 'Visibility = String'
        )
        'Get-BaseImage'               = @('ImageId [m] [v] [p] = String[] (Id, Image)', 'Name = String[]')
        'Get-ImageCacheConfiguration' = @('Name = String[]')
        'Initialize-ImageCache'       = @('Confirm = SwitchParameter (cf)', 'Create = SwitchParameter', 'WhatIf = SwitchParameter (wi)')
        'Invoke-ImageCacheMaintenance' = @('Confirm = SwitchParameter (cf)', 'Step = MaintenanceStep[]', 'WhatIf = SwitchParameter (wi)')
        'Invoke-ImageFetch'           = @(
            'Checksum [m] [p] = String', 'Confirm = SwitchParameter (cf)', 'Force = SwitchParameter', 'ImageId [m] [v] [p] = String[] (Id, Image)',
            'Method = FetchMethod', 'RateLimit = String', 'RequireSignature = SwitchParameter', 'SignaturePolicy = SignaturePolicy', 'ThrottleLimit = Int32',
            'TrustedCertificate = String[]', 'Uri [m] [p] = String', 'WhatIf = SwitchParameter (wi)'
        )
        'Remove-BaseImage'            = @(
            'Confirm = SwitchParameter (cf)', 'Force = SwitchParameter', 'ImageId [m] [v] [p] = String[] (Id, Image)',
            'WhatIf = SwitchParameter (wi)'
        )
        'Test-BaseImage'              = @(
            'Confirm = SwitchParameter (cf)', 'ImageId [v] [p] = String[] (Id, Image)', 'OlderThan = TimeSpan', 'Online = SwitchParameter',
            'Quiet = SwitchParameter', 'RateLimit = String', 'Repair = SwitchParameter', 'WhatIf = SwitchParameter (wi)'
        )
        'Test-ImageSignature'         = @(
            'ImageId [m] [v] [p] = String[] (Id, Image)', 'Path [m] = String', 'Property [m] = Hashtable', 'Quiet = SwitchParameter',
            'TrustedCertificate = String[]'
        )
    }
    $cases = foreach ($entry in $surface.GetEnumerator()) { @{ Cmdlet = $entry.Key; Parameters = $entry.Value } }
    $outputs = @(
        @{ Cmdlet = 'Find-BaseImage'; Type = 'ImageCache.ImageDescriptor' }
        @{ Cmdlet = 'Get-BaseImage'; Type = 'ImageCache.BaseImage' }
        @{ Cmdlet = 'Get-ImageCacheConfiguration'; Type = 'ImageCache.EffectiveSetting' }
        @{ Cmdlet = 'Initialize-ImageCache'; Type = 'ImageCache.InitializationResult' }
        @{ Cmdlet = 'Invoke-ImageCacheMaintenance'; Type = 'ImageCache.MaintenanceResult' }
        @{ Cmdlet = 'Invoke-ImageFetch'; Type = 'ImageCache.BaseImage' }
        @{ Cmdlet = 'Remove-BaseImage'; Type = 'ImageCache.BaseImage' }
        @{ Cmdlet = 'Test-BaseImage'; Type = @('ImageCache.IntegrityResult', 'System.Boolean') }
        @{ Cmdlet = 'Test-ImageSignature'; Type = 'ImageCache.SignatureResult', 'System.Boolean' }
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
