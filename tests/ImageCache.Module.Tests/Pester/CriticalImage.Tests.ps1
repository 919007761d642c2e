BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestBed.psm1') -Force
    Clear-CloudEnvironment
    Import-TestModule
}

Describe 'Critical images' {
    BeforeEach {
        $node = New-TestNode
        Add-Content $node.ConfigurationPath "retries: 0`nconnect_timeout: 2"
        $cache = @{ ConfigurationPath = $node.ConfigurationPath }
        $images = 'one.raw', 'two.raw' | ForEach-Object { New-TestImage $node.Folder -Name $_ -Size 64KB }
        $fetched = $images | Select-Object Uri, Checksum | Invoke-ImageFetch @cache | Sort-Object Name
    }

    AfterEach {
        Remove-Item $node.Folder -Recurse -Force
    }

    It 'are registered from the pipeline, told of and unregistered' {
        $registered = $fetched | Register-CriticalImage @cache
        $registered | Should -HaveCount 2
        $registered[0] | Should -BeOfType ImageCache.CriticalImage
        $registered.Status | Should -Be 'Present', 'Present'
        (Get-CriticalImage @cache).Name | Should -Be 'one.raw', 'two.raw'
        (Get-CriticalImage @cache one.raw).Id | Should -Be $fetched[0].Id
        (Get-BaseImage @cache).IsCritical | Should -Be $true, $true
        (Unregister-CriticalImage @cache one.raw).Name | Should -Be 'one.raw'
        (Get-CriticalImage @cache).Name | Should -Be 'two.raw'
        $fetched[0].Path | Should -Exist
    }

    It 'stay as they are with -WhatIf' {
        Register-CriticalImage @cache one.raw -WhatIf | Should -BeNullOrEmpty
        Get-CriticalImage @cache | Should -BeNullOrEmpty
        $null = Register-CriticalImage @cache one.raw
        Remove-Item $fetched[0].Path
        Sync-CriticalImage @cache -WhatIf | Should -BeNullOrEmpty
        Unregister-CriticalImage @cache one.raw -WhatIf | Should -BeNullOrEmpty
        (Get-CriticalImage @cache).Status | Should -Be 'Missing'
    }

    It 'come back when they are synchronized' {
        $null = Register-CriticalImage @cache one.raw
        Remove-Item $fetched[0].Path
        (Sync-CriticalImage @cache).Status | Should -Be 'Present'
        $fetched[0].Path | Should -Exist
        (Sync-CriticalImage @cache one.raw -Verify).Status | Should -Be 'Present'
    }

    It 'are not all meant by an empty pipeline' {
        $null = Register-CriticalImage @cache one.raw
        @() | Sync-CriticalImage @cache | Should -BeNullOrEmpty
        @() | Get-CriticalImage @cache | Should -BeNullOrEmpty
    }

    It 'come as object and error when they cannot be had' {
        $null = Register-CriticalImage @cache one.raw
        Remove-Item $fetched[0].Path
        Remove-Item $images[0].Path
        $synced = Sync-CriticalImage @cache one.raw -ErrorAction SilentlyContinue -ErrorVariable failed
        $synced.Status | Should -Be 'Missing'
        $failed | Should -HaveCount 1
        $failed[0].TargetObject | Should -Be 'one.raw'
        $failed[0].FullyQualifiedErrorId | Should -BeLike '*,ImageCache.Module.Commands.SyncCriticalImageCommand'
    }

    It 'are removed only by force' {
        $null = Register-CriticalImage @cache one.raw
        Remove-BaseImage @cache one.raw -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
        $failed[0].FullyQualifiedErrorId | Should -Be 'ImageCritical,ImageCache.Module.Commands.RemoveBaseImageCommand'
        (Remove-BaseImage @cache one.raw -Force -Confirm:$false -WarningAction SilentlyContinue -WarningVariable warned).IsCritical | Should -BeTrue
        "$warned" | Should -BeLike '*stays registered*'
        (Get-CriticalImage @cache).Status | Should -Be 'Missing'
    }

    It 'take sizes as PowerShell and as the configuration write them' {
        (Register-CriticalImage @cache one.raw -NoFetch -TargetSize 1MB, '2MiB', 1000).TargetSizes | Should -Be 1024, 1048576, 2097152
        { Register-CriticalImage @cache one.raw -NoFetch -TargetSize none } | Should -Throw '*no size of a disk*'
        { Register-CriticalImage @cache one.raw -NoFetch -TargetSize 0 } | Should -Throw '*no size of a disk*'
    }

    It 'tell what is not critical' {
        Get-CriticalImage @cache nobody -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
        $failed[0].FullyQualifiedErrorId | Should -Be 'ImageNotCritical,ImageCache.Module.Commands.GetCriticalImageCommand'
        $failed[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $failed[0].TargetObject | Should -Be 'nobody'
    }

    It 'leave a damaged list alone until -Force begins a new one' {
        $list = Join-Path $node.CachePath '.imagecache/critical.json'
        Set-Content $list '{' -NoNewline
        Register-CriticalImage @cache one.raw -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
        $failed[0].FullyQualifiedErrorId | Should -Be 'CriticalListDamaged,ImageCache.Module.Commands.RegisterCriticalImageCommand'
        Get-Content $list -Raw | Should -Be '{'
        (Register-CriticalImage @cache one.raw -Force -WarningAction SilentlyContinue).Status | Should -Be 'Present'
        Get-ChildItem (Join-Path $node.CachePath '.imagecache/quarantine') | Should -HaveCount 1
    }
}
