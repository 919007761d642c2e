Describe 'PSScriptAnalyzer' {
    It 'finds nothing in <_>' -ForEach @('ImageCache.psd1', 'module', 'build.ps1', 'tests') {
        if (-not (Get-Module PSScriptAnalyzer -ListAvailable)) {
            Set-ItResult -Skipped -Because 'this PowerShell has no PSScriptAnalyzer'
        }

        $root = (Resolve-Path (Join-Path $PSScriptRoot '../../..')).Path
        Invoke-ScriptAnalyzer (Join-Path $root $_) -Recurse -Settings (Join-Path $root 'PSScriptAnalyzerSettings.psd1') |
            ForEach-Object { '{0}:{1} {2}: {3}' -f $_.ScriptName, $_.Line, $_.RuleName, $_.Message } | Should -BeNullOrEmpty
    }
}
