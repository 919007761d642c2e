BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestBed.psm1') -Force
    Clear-CloudEnvironment
    Import-TestModule
}

Describe 'Initialize-ImageCache' {
    BeforeEach {
        $node = New-TestNode
        $cache = @{ ConfigurationPath = $node.ConfigurationPath }
        $image = New-TestImage $node.Folder -Size 64KB
        $fetched = Invoke-ImageFetch @cache -Uri $image.Uri -Checksum $image.Checksum
    }

    AfterEach {
        Remove-Item $node.Folder -Recurse -Force
    }

    It 'keeps what is in order' {
        $result = Initialize-ImageCache @cache
        $result | Should -BeOfType ImageCache.InitializationResult
        $result.Action | Should -Be 'Kept'
        $result.Id | Should -Be $fetched.Id
    }

    It 'removes a record whose file is gone' {
        Remove-Item $fetched.Path
        (Initialize-ImageCache @cache).Action | Should -Be 'RemovedRecord'
        Get-ChildItem (Join-Path $node.CachePath '.imagecache/records') | Should -BeNullOrEmpty
        Initialize-ImageCache @cache | Should -BeNullOrEmpty
    }

    It 'rebuilds a damaged record' {
        Get-ChildItem (Join-Path $node.CachePath '.imagecache/records') | Set-Content -Value '{ "schema'
        (Initialize-ImageCache @cache).Action | Should -Be 'RebuiltRecord'
        $fetched.Path | Should -Exist
    }

    It 'changes nothing with -WhatIf, and returns no change as if it were done' {
        Remove-Item $fetched.Path
        Initialize-ImageCache @cache -WhatIf | Should -BeNullOrEmpty
        Get-ChildItem (Join-Path $node.CachePath '.imagecache/records') | Should -HaveCount 1
    }

    It 'tells each change with -WhatIf' {
        Remove-Item $fetched.Path
        $script = "Import-Module '$(Get-TestManifest)'; Initialize-ImageCache -ConfigurationPath '$($node.ConfigurationPath)' -WhatIf"
        $said = & ([Environment]::ProcessPath) -NoProfile -NonInteractive -Command $script
        $said[0] | Should -Be "What if: Put the image cache $($node.CachePath) in order"
        $said[1] | Should -Be "What if: Performing the operation `"Remove record`" on target `"$($fetched.Path)`"."
        $said | Should -HaveCount 2
    }

    It 'tells when the cache is missing, and makes it with -Create' {
        $missing = Join-Path $node.Folder 'other/_base'
        Initialize-ImageCache -CachePath $missing -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed[0].FullyQualifiedErrorId | Should -Be 'CacheUnavailable,ImageCache.Module.Commands.InitializeImageCacheCommand'
        $failed[0].TargetObject | Should -Be $missing
        (Initialize-ImageCache -CachePath $missing -Create).Action | Should -Be 'Created'
        $missing | Should -Exist
    }

    It 'tells that it would make the cache, and makes nothing, with -Create -WhatIf' {
        $missing = Join-Path $node.Folder 'other/_base'
        $script = "Import-Module '$(Get-TestManifest)'; Initialize-ImageCache -CachePath '$missing' -Create -WhatIf"
        $said = & ([Environment]::ProcessPath) -NoProfile -NonInteractive -Command $script
        $said[1] | Should -Be "What if: Performing the operation `"Create directory`" on target `"$missing`"."
        $missing | Should -Not -Exist
    }
}
