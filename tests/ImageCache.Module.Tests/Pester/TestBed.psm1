# What the Pester files share: the module under test, caches and images of their own, the lab, and pipelines to be stopped.

$script:Root = (Resolve-Path (Join-Path $PSScriptRoot '../../..')).Path

# The manifest under test: the clone's, or a package's when IMAGECACHE_TEST_MANIFEST names it.
function Get-TestManifest {
    [OutputType([string])]
    param()
    if ($env:IMAGECACHE_TEST_MANIFEST) { $env:IMAGECACHE_TEST_MANIFEST } else { Join-Path $script:Root 'ImageCache.psd1' }
}

function Get-RepositoryRoot {
    [OutputType([string])]
    param()
    $script:Root
}

function Import-TestModule {
    Import-Module (Get-TestManifest) -Force -Global
}

# Nothing of the user's or of the machine's may reach a test, nor another test's token.
function Clear-CloudEnvironment {
    Get-ChildItem Env: | Where-Object Name -Match '^(OS_|CEPH_CONF$|IMAGECACHE_(?!TEST_|LAB$))' | ForEach-Object { Remove-Item "Env:$($_.Name)" }
    $env:IMAGECACHE_TOKEN_CACHE_TIME = '0'
}

# A node of its own: <folder>/instances/_base and locks, a nova.conf, an imagecache.yaml that names it, and no cloud.
function New-TestNode {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    [OutputType([pscustomobject])]
    param([string] $Folder = (Join-Path ([IO.Path]::GetTempPath()) "imagecache-test-$([guid]::NewGuid().ToString('n'))"))
    $instances = Join-Path $Folder 'instances'
    $cache = Join-Path $instances '_base'
    $null = New-Item -ItemType Directory -Force $cache, (Join-Path $instances 'locks')
    $novaConf = Join-Path $Folder 'nova.conf'
    $configuration = Join-Path $Folder 'imagecache.yaml'
    Set-Content $novaConf "[DEFAULT]`ninstances_path = $instances"
    Set-Content $configuration "nova_conf: $novaConf"
    [pscustomobject]@{ Folder = $Folder; CachePath = $cache; ConfigurationPath = $configuration }
}

# A raw image of random bytes with its URI and checksum.
function New-TestImage {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Mandatory)][string] $Folder,
        [string] $Name = "image-$([guid]::NewGuid().ToString('n').Substring(0, 8)).raw",
        [int] $Size = 1MB
    )
    $bytes = [byte[]]::new($Size)
    [Random]::Shared.NextBytes($bytes)
    $path = Join-Path $Folder $Name
    [IO.File]::WriteAllBytes($path, $bytes)
    [pscustomobject]@{
        Path     = $path
        Uri      = [uri]::new("file://$path").AbsoluteUri
        Checksum = "sha256:$((Get-FileHash $path -Algorithm SHA256).Hash.ToLowerInvariant())"
    }
}

# The files of a cache that should not be there when nobody works.
function Get-Leftover {
    param([Parameter(Mandatory)][string] $CachePath)
    Get-ChildItem (Join-Path $CachePath '.imagecache/tmp') -Recurse -File -Force -ErrorAction Ignore
}

# A pipeline in a runspace of its own that has the module, to be stopped from outside.
function New-TestPipeline {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    [OutputType([powershell])]
    param([Parameter(Mandatory)][string] $Script, [object[]] $Argument = @())
    $state = [initialsessionstate]::CreateDefault2()
    $state.ImportPSModule([string[]](Get-TestManifest))
    $shell = [powershell]::Create($state)
    $null = $shell.AddScript($Script)
    foreach ($value in $Argument) {
        $null = $shell.AddArgument($value)
    }

    $shell
}

# A script in a PowerShell of its own; its output goes where it is told to.
function Start-TestProcess {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    [OutputType([Diagnostics.Process])]
    param([Parameter(Mandatory)][string] $Script, [Parameter(Mandatory)][string] $OutputFolder)
    $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($Script))
    $start = @{
        FilePath               = [Environment]::ProcessPath
        ArgumentList           = '-NoProfile', '-NonInteractive', '-EncodedCommand', $encoded
        RedirectStandardOutput = Join-Path $OutputFolder 'stdout'
        RedirectStandardError  = Join-Path $OutputFolder 'stderr'
    }
    Start-Process @start -PassThru
}

# Waits for something to become true; false when it does not in time.
function Wait-Until {
    [OutputType([bool])]
    param([Parameter(Mandatory)][scriptblock] $Condition, [int] $Seconds = 30)
    $watch = [Diagnostics.Stopwatch]::StartNew()
    while (-not (& $Condition)) {
        if ($watch.Elapsed.TotalSeconds -gt $Seconds) { return $false }
        [Threading.Thread]::Sleep(20)
    }

    $true
}

# The environment of the lab's cloud, or nothing where it is not up.
function Get-LabEnvironment {
    [OutputType([hashtable])]
    param()
    $lines = if ($env:OS_AUTH_URL) {
        Get-ChildItem Env:OS_*, Env:CEPH_CON[F] | ForEach-Object { "export $($_.Name)=$($_.Value)" }
    } else {
        $lab = Join-Path $script:Root 'tests/lab/lab'
        if (-not (Test-Path $lab)) { return }
        & $lab env 2>$null
    }

    $environment = @{}
    foreach ($line in $lines) {
        if ($line -match '^export (OS_\w+|CEPH_CONF)=(.*)$') { $environment[$Matches[1]] = $Matches[2].Trim("'", '"') }
    }

    if ($environment.OS_AUTH_URL) { $environment }
}

function Use-LabEnvironment {
    param([Parameter(Mandatory)][hashtable] $Environment)
    foreach ($entry in $Environment.GetEnumerator()) {
        Set-Item "Env:$($entry.Key)" $entry.Value
    }
}
