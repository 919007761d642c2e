BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestBed.psm1') -Force
    Clear-CloudEnvironment
    Import-TestModule
}

Describe 'Test-ImageCacheNode' {
    BeforeEach {
        $node = New-TestNode
        $cache = @{ ConfigurationPath = $node.ConfigurationPath }
        # A cloud that nobody may ask: its port is closed.
        $env:OS_AUTH_URL = 'http://127.0.0.1:1/v3'
        $env:OS_USERNAME = $env:OS_PASSWORD = $env:OS_PROJECT_NAME = 'x'
        $env:OS_USER_DOMAIN_ID = $env:OS_PROJECT_DOMAIN_ID = 'default'
        Add-Content $node.ConfigurationPath "retries: 0`nconnect_timeout: 5"
    }

    AfterEach {
        Clear-CloudEnvironment
        Remove-Item $node.Folder -Recurse -Force
    }

    It 'tells every need of every method, and sums each method up' {
        $results = Test-ImageCacheNode @cache
        $results | Should -BeOfType ImageCache.NodeCheckResult
        $results.Where{ $_.Need -eq 'ready' }.Method | Should -Be 'VolumeLink', 'RbdExport', 'Download'
        $results.Where{ $_.Need -eq 'cache-directory' }.Status | Should -Be 'Pass'
        $results.Where{ $_.Need -eq 'nova-conf' }.Reason | Should -BeLike "$($node.Folder)*"
        $results.Where{ $_.Status -ne 'Pass' -and -not $_.Reason } | Should -BeNullOrEmpty
        $results.Where{ $_.Need -eq 'keystone' }.Status | Should -Be 'Skipped'
    }

    It 'looks at one method with -Method' {
        (Test-ImageCacheNode @cache -Method Download).Method | Sort-Object -Unique | Should -Be 'Download'
    }

    It 'gives a bool with -Quiet' {
        Test-ImageCacheNode @cache -Method Download -Quiet | Should -BeExactly $true
        Add-Content $node.ConfigurationPath 'rbd_ceph_conf: /no/such/ceph.conf'
        Test-ImageCacheNode @cache -Method RbdExport -Quiet | Should -BeExactly $false
        Test-ImageCacheNode @cache -Quiet | Should -BeExactly $true
    }

    It 'says what to do about what is missing' {
        Add-Content $node.ConfigurationPath 'rbd_ceph_conf: /no/such/ceph.conf'
        $missing = Test-ImageCacheNode @cache -Method RbdExport | Where-Object Need -EQ 'ceph-conf'
        $missing.Status | Should -Be 'Fail'
        $missing.Reason | Should -BeLike '*/no/such/ceph.conf*'
        $missing.NextStep | Should -BeLike '*rbd_ceph_conf*'
    }

    It 'asks services with -Online only' {
        $results = Test-ImageCacheNode @cache -Method Download -Online
        $results.Where{ $_.Need -eq 'keystone' }.Status | Should -Be 'Fail'
        $results.Where{ $_.Need -eq 'glance' }.Status | Should -Be 'Unknown'
        $results.Where{ $_.Need -eq 'ready' }.Status | Should -Be 'Fail'
    }

    It 'shows no more than a table of four columns, and says what is not required' {
        $result = [ImageCache.NodeCheckResult]@{ Node = 'n'; Need = 'sparse-files'; Description = 'd'; Status = 'Fail'; IsRequired = $false; Reason = 'why' }
        $text = $result | Out-String
        $text | Should -Match 'Method +Need +Status +Reason'
        $text | Should -Match 'every +sparse-files +Fail, not required +why'
    }

    Context 'in the lab' {
        BeforeEach {
            Clear-CloudEnvironment
            $lab = Get-LabEnvironment
            if (-not $lab) { Set-ItResult -Skipped -Because 'there is no lab' }
            Use-LabEnvironment $lab
        }

        It 'finds every service, and what an image has' {
            $image = Find-BaseImage @cache | Where-Object Status -EQ active | Where-Object Size -GT 0 | Select-Object -First 1
            $results = $image | Test-ImageCacheNode @cache -Online
            $results.Where{ $_.Need -in 'keystone', 'glance', 'barbican', 'cinder' }.Status | Sort-Object -Unique | Should -Be 'Pass'
            $results.Where{ $_.ImageId }.ImageId | Sort-Object -Unique | Should -Be $image.Id
            $results.Where{ $_.Need -eq 'glance-data' }.Status | Should -Be 'Pass'
        }

        It 'gives an error for an image that does not exist' {
            Test-ImageCacheNode @cache ([guid]::NewGuid()) -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $failed[0].FullyQualifiedErrorId | Should -Be 'ImageNotFound,ImageCache.Module.Commands.TestImageCacheNodeCommand'
        }
    }
}
