BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'TestBed.psm1') -Force
    $names = (Import-PowerShellDataFile (Get-TestManifest)).CmdletsToExport
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestBed.psm1') -Force
    Import-TestModule
    $folder = Join-Path (Get-RepositoryRoot) 'docs/en-US/ImageCache'
    $common = [Management.Automation.PSCmdlet]::CommonParameters
}

Describe 'The help of <_>' -ForEach $names {
    BeforeAll {
        $cmdlet = $_
        $file = Join-Path $folder "$cmdlet.md"
        $text = if (Test-Path $file) { Get-Content $file -Raw }
        # The text below a heading, up to the next one of the same or a higher level.
        function Get-Section {
            param([string] $Heading)
            $level = $Heading.Split(' ')[0].Length
            $pattern = '(?ms)^{0}\s*$(.*?)(?=^#{{1,{1}}} |\z)' -f [regex]::Escape($Heading), $level
            if ($text -match $pattern) { $Matches[1].Trim() }
        }
    }

    It 'exists, and nothing in it is left to be filled in' {
        $file | Should -Exist
        $text | Should -Not -Match '\{\{|Fill '
    }

    It 'has a <_>' -ForEach 'SYNOPSIS', 'DESCRIPTION', 'SYNTAX', 'OUTPUTS', 'RELATED LINKS' {
        Get-Section "## $_" | Should -Not -BeNullOrEmpty
    }

    It 'has examples with code and words' {
        $examples = Get-Section '## EXAMPLES'
        ([regex]::Matches($examples, '(?m)^### Example')).Count | Should -BeGreaterThan 1
        $examples | Should -Match '```powershell'
    }

    It 'tells of every parameter, and of no other' {
        $documented = [regex]::Matches((Get-Section '## PARAMETERS'), '(?m)^### -(\w+)') | ForEach-Object { $_.Groups[1].Value }
        $actual = (Get-Command $cmdlet).Parameters.Keys | Where-Object { $_ -notin $common }
        $documented | Sort-Object | Should -Be ($actual | Sort-Object)
        foreach ($name in $actual) {
            (Get-Section "### -$name") -replace '(?s)```yaml.*' | Should -Match '\w{3,}' -Because "-$name needs words"
        }
    }

    It 'has examples that PowerShell can parse, with parameters that exist' {
        foreach ($code in [regex]::Matches((Get-Section '## EXAMPLES'), '(?s)```powershell\r?\n(.*?)```')) {
            $problems = $null
            $ast = [Management.Automation.Language.Parser]::ParseInput($code.Groups[1].Value, [ref]$null, [ref]$problems)
            $problems | Should -BeNullOrEmpty
            foreach ($command in $ast.FindAll({ $args[0] -is [Management.Automation.Language.CommandAst] }, $true)) {
                $known = Get-Command $command.GetCommandName() -ErrorAction Ignore
                if ($known.ModuleName -ne 'ImageCache') { continue }
                $command.CommandElements | Where-Object { $_ -is [Management.Automation.Language.CommandParameterAst] } | ForEach-Object {
                    { $known.ResolveParameter($_.ParameterName) } | Should -Not -Throw
                }
            }
        }
    }
}

Describe 'Get-Help' {
    BeforeAll {
        $maml = Join-Path (Split-Path (Get-TestManifest)) 'en-US/ImageCache.Module.dll-Help.xml'
    }

    It 'shows description, parameters and examples of <_>' -ForEach $names {
        if (-not (Test-Path $maml)) { Set-ItResult -Skipped -Because 'the help was not built: build.ps1 -Task Help' }
        $help = Get-Help $_ -Full
        ($help.description | Out-String).Trim() | Should -Not -BeNullOrEmpty
        $help.examples.example | Should -Not -BeNullOrEmpty
        $help.parameters.parameter | Where-Object { -not $_.description } | Should -BeNullOrEmpty
    }
}
