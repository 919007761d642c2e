# Runs one Pester file and writes its NUnit result. Exit code: the number of failures; 1 when there is no result at all;
# 3 when this PowerShell has no Pester 5.
[CmdletBinding()]
param(
    [Parameter(Mandatory)][string] $Path,
    [Parameter(Mandatory)][string] $ResultPath
)

$ErrorActionPreference = 'Stop'
$pester = Get-Module Pester -ListAvailable | Where-Object { $_.Version.Major -eq 5 } | Sort-Object Version -Descending | Select-Object -First 1
if (-not $pester) {
    exit 3
}

Import-Module $pester
$configuration = New-PesterConfiguration
$configuration.Run.Path = $Path
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'None'
$configuration.TestResult.Enabled = $true
$configuration.TestResult.OutputFormat = 'NUnit3'
$configuration.TestResult.OutputPath = $ResultPath
# What a search saw is kept in the user's cache; a test's is its own.
$env:XDG_CACHE_HOME = Join-Path ([IO.Path]::GetTempPath()) "imagecache-pester-$PID"
try {
    $run = Invoke-Pester -Configuration $configuration
} finally {
    Remove-Item $env:XDG_CACHE_HOME -Recurse -Force -ErrorAction Ignore
}

if ($null -eq $run) {
    exit 1
}

foreach ($container in $run.FailedContainers) {
    [Console]::Error.WriteLine("$($container.Item): $($container.ErrorRecord -join "`n")")
}

exit ($run.FailedCount + $run.FailedBlocksCount + $run.FailedContainersCount)
