BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestBed.psm1') -Force
    Clear-CloudEnvironment
    Import-TestModule
}

Describe 'Invoke-ImageCacheMaintenance' {
    BeforeEach {
        $node = New-TestNode
        $cache = @{ ConfigurationPath = $node.ConfigurationPath }
        $image = New-TestImage $node.Folder -Size 64KB
        $fetched = Invoke-ImageFetch @cache -Uri $image.Uri -Checksum $image.Checksum
    }

    AfterEach {
        Remove-Item $node.Folder -Recurse -Force
    }

    It 'tells of each part, in order' {
        $results = Invoke-ImageCacheMaintenance @cache
        $results | Should -BeOfType ImageCache.MaintenanceResult
        $results.Step | Should -Be ([Enum]::GetValues([ImageCache.MaintenanceStep]))
        $results.Status | Should -Not -Contain 'Failed'
        $fetched.Path | Should -Exist
    }

    It 'does the named parts only' {
        $results = Invoke-ImageCacheMaintenance @cache Verify, Initialize
        ($results | Where-Object Status -EQ Done).Step | Should -Be 'Initialize', 'Verify'
    }

    It 'removes a record whose file is gone, but not with -WhatIf' {
        Remove-Item $fetched.Path
        (Invoke-ImageCacheMaintenance @cache Initialize -WhatIf)[0].Changed | Should -Be 1
        (Invoke-ImageCacheMaintenance @cache Initialize)[0].Changed | Should -Be 1
        (Invoke-ImageCacheMaintenance @cache Initialize)[0].Changed | Should -Be 0
    }

    It 'fails as one error when another process is at it' {
        $null = Invoke-ImageCacheMaintenance @cache Initialize
        $lock = Join-Path $node.CachePath '.imagecache/maintenance.lock'
        $script = "import fcntl,time; f=open('$lock','a'); fcntl.lockf(f, fcntl.LOCK_EX); open('$($node.Folder)/held','w'); time.sleep(60)"
        $holder = Start-Process python3 -ArgumentList '-c', "`"$script`"" -PassThru
        try {
            while (-not (Test-Path (Join-Path $node.Folder held))) { Start-Sleep -Milliseconds 50 }
            Invoke-ImageCacheMaintenance @cache -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
            $failed[0].FullyQualifiedErrorId | Should -Be 'MaintenanceRunning,ImageCache.Module.Commands.InvokeImageCacheMaintenanceCommand'
            $failed[0].CategoryInfo.Category | Should -Be 'ResourceBusy'
        } finally {
            $holder | Stop-Process
        }
    }
}
