<#
.SYNOPSIS
Everything a maintainer does with this repository.

.DESCRIPTION
Build    The solution, and with it module/bin: the clone becomes importable by its manifest.
Test     The unit tests and, where this machine has PowerShell, Pester and a lab, those too.
Lint     PSScriptAnalyzer over the manifest, module/, build.ps1 and the tests' scripts.
Help     The help of the cmdlets: docs/en-US in markdown becomes en-US beside the manifest. In a clone without it Get-Help
         shows the syntax only; a package always has it.
Package  out/ImageCache/<version> as Save-Module would lay it, a zip of it, and the command line as a single file.
Bench    tests/benchmarks/run: downloads, memory, lists and import against their peers; wants the lab up.

Lint and Help use the modules PSScriptAnalyzer and Microsoft.PowerShell.PlatyPS, Test uses Pester 5. They are looked for where this PowerShell
finds its modules, and are installed by nobody but you.

.EXAMPLE
./build.ps1 -Task Build, Test

.EXAMPLE
./build.ps1 -Task Package -Configuration Release -Runtime linux-x64
#>
[CmdletBinding()]
param(
    # What to do, in this order. From another shell (pwsh build.ps1 -Task Build,Test) the list comes as one text.
    [ArgumentCompletions('Build', 'Test', 'Lint', 'Help', 'Package', 'Bench')]
    [ValidateScript({ -not ($_ -split ',' | Where-Object { $_ -notin 'Build', 'Test', 'Lint', 'Help', 'Package', 'Bench' }) },
        ErrorMessage = 'There is no such task: {0}')]
    [string[]] $Task = 'Build',

    # How the assemblies are built; a package takes Release unless something else is asked for.
    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = $(if ($Task -match 'Package') { 'Release' } else { 'Debug' }),

    # The system that the command line of a package is built for.
    [string] $Runtime = 'linux-x64',

    # Where packages go.
    [string] $OutputPath = (Join-Path $PSScriptRoot 'out'),

    # What `dotnet test` runs, in its own words; everything when empty.
    [string] $TestFilter
)

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 3

function Invoke-Dotnet {
    & dotnet @args
    if ($LASTEXITCODE -ne 0) {
        throw "dotnet $($args[0]) ended with $LASTEXITCODE."
    }
}

function Import-Tool {
    param([Parameter(Mandatory)][string] $Name, [Parameter(Mandatory)][version] $MinimumVersion)
    try {
        Import-Module $Name -MinimumVersion $MinimumVersion
    } catch {
        throw "$Name $MinimumVersion or later is needed: Install-PSResource $Name"
    }
}

function Build-Project {
    param([Parameter(Mandatory)][string] $Path)
    # What an earlier build left must not be shipped.
    Remove-Item (Join-Path $PSScriptRoot 'module/bin') -Recurse -Force -ErrorAction Ignore
    Invoke-Dotnet build (Join-Path $PSScriptRoot $Path) --configuration $Configuration --nologo
}

function Invoke-BuildTask {
    Build-Project ImageCachePS.sln
}

function Invoke-TestTask {
    $filter = if ($TestFilter) { '--filter', $TestFilter } else { @() }
    Invoke-Dotnet test (Join-Path $PSScriptRoot 'ImageCachePS.sln') --configuration $Configuration --nologo @filter
}

function Invoke-LintTask {
    Import-Tool PSScriptAnalyzer 1.22
    $settings = Join-Path $PSScriptRoot 'PSScriptAnalyzerSettings.psd1'
    $findings = foreach ($path in 'ImageCache.psd1', 'build.ps1', 'module', 'tests') {
        Invoke-ScriptAnalyzer (Join-Path $PSScriptRoot $path) -Recurse -Settings $settings
    }

    if ($findings) {
        $findings | Format-Table ScriptName, Line, Severity, RuleName, Message -AutoSize -Wrap | Out-String -Width 160 | Write-Output
        throw "PSScriptAnalyzer found $(@($findings).Count) thing(s)."
    }
}

function Invoke-HelpTask {
    Import-Tool Microsoft.PowerShell.PlatyPS 1.0
    $target = Join-Path $PSScriptRoot 'en-US'
    $work = Join-Path ([IO.Path]::GetTempPath()) "imagecache-help-$PID"
    try {
        Get-ChildItem (Join-Path $PSScriptRoot 'docs/en-US/ImageCache') -Filter '*-*.md' |
            ForEach-Object { Import-MarkdownCommandHelp $_.FullName } |
            Export-MamlCommandHelp -OutputFolder $work | Out-Null
        $null = New-Item -ItemType Directory -Force $target
        Get-ChildItem $work -Recurse -Filter '*-Help.xml' | Copy-Item -Destination $target -PassThru
    } finally {
        Remove-Item $work -Recurse -Force -ErrorAction Ignore
    }
}

function Invoke-PackageTask {
    Build-Project src/ImageCache.Module
    Invoke-HelpTask
    $version = (Import-PowerShellDataFile (Join-Path $PSScriptRoot 'ImageCache.psd1')).ModuleVersion
    $module = Join-Path $OutputPath "ImageCache/$version"
    Remove-Item (Split-Path $module) -Recurse -Force -ErrorAction Ignore
    $null = New-Item -ItemType Directory -Force $module
    foreach ($item in 'ImageCache.psd1', 'LICENSE', 'module', 'en-US') {
        Copy-Item (Join-Path $PSScriptRoot $item) $module -Recurse
    }

    Get-ChildItem $module -Recurse -Filter *.pdb | Remove-Item
    Compress-Archive -Path (Split-Path $module) -DestinationPath (Join-Path $OutputPath "ImageCache-$version.zip") -Force
    $commandLine = Join-Path $OutputPath "imagecache-$version-$Runtime"
    Publish-CommandLine -Destination $commandLine
    Copy-Item (Join-Path $PSScriptRoot 'module/systemd') $commandLine -Recurse
    Get-ChildItem $OutputPath
}

# One file, with the runtime in it where the registry has the runtime's pack; else the node needs .NET.
function Publish-CommandLine {
    param([Parameter(Mandatory)][string] $Destination)
    $project = Join-Path $PSScriptRoot 'src/ImageCache.Cli'
    & dotnet restore $project --runtime $Runtime -p:SelfContained=true
    $selfContained = $LASTEXITCODE -eq 0
    if (-not $selfContained) {
        Write-Warning "The registry has no runtime for $Runtime`: the command line will need the .NET runtime on the node."
    }

    Remove-Item $Destination -Recurse -Force -ErrorAction Ignore
    $target = '--configuration', $Configuration, '--runtime', $Runtime, '--output', $Destination
    Invoke-Dotnet publish $project @target --nologo --self-contained "$selfContained" '-p:DebugType=none'
}

function Invoke-BenchTask {
    foreach ($what in 'download', 'memory', 'list', 'import') {
        & (Join-Path $PSScriptRoot 'tests/benchmarks/run') $what
        if ($LASTEXITCODE -ne 0) {
            throw "The benchmark '$what' ended with $LASTEXITCODE."
        }
    }
}

foreach ($name in $Task -split ',') {
    & "Invoke-${name}Task"
}
