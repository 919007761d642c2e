BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestBed.psm1') -Force
    Clear-CloudEnvironment
    $manifest = Get-TestManifest
    $count = (Import-PowerShellDataFile $manifest).CmdletsToExport.Count
    $node = New-TestNode

    # A script in a fresh process; its output as lines.
    function Invoke-Fresh {
        param([Parameter(Mandatory)][string] $Script)
        $text = "`$manifest = '$manifest'; `$configuration = '$($node.ConfigurationPath)'; `$ErrorActionPreference = 'Stop'`n$Script"
        $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($text))
        & ([Environment]::ProcessPath) -NoProfile -NonInteractive -OutputFormat Text -EncodedCommand $encoded
    }
}

AfterAll {
    Remove-Item $node.Folder -Recurse -Force
}

Describe 'The manifest' {
    It 'is valid' {
        Test-ModuleManifest $manifest | Should -Not -BeNullOrEmpty
    }

    It 'names what it exports, without wildcards' {
        $data = Import-PowerShellDataFile $manifest
        $data.CmdletsToExport | Should -HaveCount $count
        $data.CmdletsToExport + $data.FunctionsToExport + $data.AliasesToExport + $data.VariablesToExport |
            Where-Object { [wildcardpattern]::ContainsWildcardCharacters($_) } | Should -BeNullOrEmpty
    }

    It 'never ships the stub of PowerShell' {
        Join-Path (Split-Path $manifest) 'module/bin/System.Management.Automation.dll' | Should -Not -Exist
    }
}

Describe 'Import' {
    It 'gives all cmdlets' {
        Invoke-Fresh 'Import-Module $manifest; (Get-Command -Module ImageCache -CommandType Cmdlet).Count' | Should -Be $count
    }

    It 'gives all cmdlets again with -Force, and they work' {
        $answer = Invoke-Fresh @'
Import-Module $manifest
Import-Module $manifest -Force
(Get-Command -Module ImageCache).Count
(Get-ImageCacheConfiguration -ConfigurationPath $configuration -Name cache_path).Name
'@
        $answer | Should -Be @("$count", 'cache_path')
    }

    It 'gives all cmdlets again after Remove-Module, and none in between' {
        $answer = Invoke-Fresh @'
Import-Module $manifest
Remove-Module ImageCache
@(Get-Command -Module ImageCache*).Count
Import-Module $manifest
(Get-Command -Module ImageCache).Count
'@
        $answer | Should -Be @('0', "$count")
    }

    It 'works from another module, and after it' {
        $answer = Invoke-Fresh @'
$other = New-Module -Name Other { param($path) Import-Module $path; function Get-Count { (Get-Command -Module ImageCache).Count } } -ArgumentList $manifest
& $other { Get-Count }
Import-Module $manifest -Force
(Get-Command -Module ImageCache).Count
'@
        $answer | Should -Be @("$count", "$count")
    }

    It 'works in several runspaces of one process' {
        $answer = Invoke-Fresh '1..4 | ForEach-Object -Parallel { Import-Module $using:manifest; (Get-Command -Module ImageCache).Count }'
        $answer | Should -Be @(1..4 | ForEach-Object { "$count" })
    }

    It 'lets scripts name the shared types, and hides the engine' {
        $answer = Invoke-Fresh @'
Import-Module $manifest
[ImageCache.BaseImage].Name
[ImageCache.NotFoundException].BaseType.Name
$null -eq ('ImageCache.Engine.ImageCacheEngine' -as [type])
$null -eq ('YamlDotNet.Serialization.Deserializer' -as [type])
'@
        $answer | Should -Be @('BaseImage', 'ImageCacheException', 'True', 'True')
    }

    It 'tells how long it takes, over an empty module' {
        $empty = Join-Path $TestDrive 'Empty.psm1'
        Set-Content $empty ''
        $times = @{ empty = @(); ours = @() }
        foreach ($round in 1..5) {
            foreach ($module in @{ empty = $empty }, @{ ours = $manifest }) {
                foreach ($entry in $module.GetEnumerator()) {
                    $times[$entry.Key] += [double](Invoke-Fresh "(Measure-Command { Import-Module '$($entry.Value)' }).TotalMilliseconds")
                }
            }
        }

        $median = { param($values) ($values | Sort-Object)[2] }
        $over = (& $median $times.ours) - (& $median $times.empty)
        $text = 'Import-Module ImageCache: {0:n0} ms over an empty module (median of 5; the aim is below 200 ms).' -f $over
        Write-Information $text -InformationAction Continue
        $over | Should -BeGreaterThan 0
    }
}

Describe 'Isolation' {
    BeforeAll {
        # An assembly that has nothing of YamlDotNet but its name, as another module may have brought another version.
        $impostor = Join-Path $TestDrive 'YamlDotNet.dll'
        $name = [Reflection.AssemblyName]::new('YamlDotNet')
        $name.Version = '1.0.0.0'
        $builder = [Reflection.Emit.PersistedAssemblyBuilder]::new($name, [object].Assembly)
        $null = $builder.DefineDynamicModule('YamlDotNet').DefineType('YamlDotNet.Impostor', 'Public').CreateType()
        $builder.Save($impostor)
    }

    It 'works with another YamlDotNet loaded <When> ours' -ForEach @(
        @{ When = 'before'; First = 'LoadFrom'; Second = 'Import' }
        @{ When = 'after'; First = 'Import'; Second = 'LoadFrom' }
    ) {
        $step = @{
            LoadFrom = "`$null = [Reflection.Assembly]::LoadFrom('$impostor')"
            Import   = 'Import-Module $manifest; $null = Get-ImageCacheConfiguration -ConfigurationPath $configuration'
        }
        $answer = Invoke-Fresh @"
$($step[$First])
$($step[$Second])
(Get-ImageCacheConfiguration -ConfigurationPath `$configuration -Name cache_path).Source
[AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { `$_.GetName().Name -eq 'YamlDotNet' } | ForEach-Object { `$_.GetName().Version.Major } | Sort-Object
"@
        $answer[0] | Should -Be 'NovaConf'
        $answer[1..2] | Should -Be @('1', '16')
    }
}
