BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestBed.psm1') -Force
    Clear-CloudEnvironment
    Import-TestModule
}

Describe 'Get-ImagePopularity' {
    BeforeEach {
        $node = New-TestNode
        $cache = @{ ConfigurationPath = $node.ConfigurationPath }
        $images = 'one.raw', 'two.raw' | ForEach-Object { New-TestImage $node.Folder -Name $_ -Size 64KB }
        $fetched = $images | Select-Object Uri, Checksum | Invoke-ImageFetch @cache | Sort-Object Name
        $null = Invoke-ImageFetch @cache $fetched[1].Id
    }

    AfterEach {
        Remove-Item $node.Folder -Recurse -Force
    }

    It 'ranks by uses' {
        $told = Get-ImagePopularity @cache
        $told | Should -HaveCount 2
        $told | Should -BeOfType ImageCache.ImagePopularity
        $told.Name | Should -Be 'two.raw', 'one.raw'
        $told.ForEach{ $_.Rank } | Should -Be 1, 2
        $told.TotalUses | Should -Be 2, 1
        $told[0].Score | Should -BeGreaterThan 1.99
        $told[0].IsCached | Should -BeTrue
        $told[0].Node | Should -Be ([Environment]::MachineName)
        $told[0].ImageId | Should -Be $fetched[1].Id
    }

    It 'sees the disks that are there now, each once' {
        $qemuImg = Get-Command qemu-img -CommandType Application -ErrorAction Ignore | Select-Object -First 1
        if (-not $qemuImg) { Set-ItResult -Skipped -Because 'there is no qemu-img on this machine' }
        $instance = Join-Path (Split-Path $node.CachePath) ([guid]::NewGuid())
        $null = New-Item -ItemType Directory $instance
        $null = & $qemuImg create -q -f qcow2 -b $fetched[0].Path -F raw (Join-Path $instance 'disk')
        (Get-ImagePopularity @cache -NoScan).Uses | Should -Be 0, 0
        foreach ($round in 1..2) {
            $one = Get-ImagePopularity @cache | Where-Object Name -EQ 'one.raw'
            $one.Uses | Should -Be 1
            $one.TotalUses | Should -Be 2
        }

        (Get-ImagePopularity @cache -NoScan | Where-Object Name -EQ 'one.raw').Uses | Should -Be 1
    }

    It 'takes the first, and those of an owner' {
        Get-ImagePopularity @cache -First 1 | Should -HaveCount 1
        (Get-ImagePopularity @cache 1).Name | Should -Be 'two.raw'
        Get-ImagePopularity @cache -Owner nobody | Should -BeNullOrEmpty
    }

    It 'sums what came back from <Form>' -ForEach @(
        @{ Form = 'JSON'; Way = { $input | ConvertTo-Json | ConvertFrom-Json } }
        @{ Form = 'CSV'; Way = { $input | ConvertTo-Csv | ConvertFrom-Csv } }
        @{ Form = 'CLIXML'; Way = { [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize(@($input))) } }
        @{ Form = 'objects'; Way = { $input | Select-Object * } }
    ) {
        $local = Get-ImagePopularity @cache
        $others = foreach ($name in 'node-2', 'node-3') {
            $local | & $Way | Select-Object * -ExcludeProperty Node, ImageId | Select-Object *, @{ n = 'Node'; e = { $name } }
        }

        $sum = $others | Get-ImagePopularity @cache
        $sum.Name | Should -Be 'two.raw', 'one.raw'
        $sum.Nodes | Should -Be 3, 3
        $sum.TotalUses | Should -Be 6, 3
        $sum[0].Score | Should -BeGreaterThan 5.9
        $sum[0].Node | Should -BeNullOrEmpty
        ($local | & $Way | Get-ImagePopularity @cache).Nodes | Should -Be 1, 1
        # An exported sum is summed on.
        $sum | & $Way | Get-ImagePopularity @cache | ForEach-Object { $_.Nodes | Should -Be 4 }
    }

    It 'goes on after an object that tells of no image' {
        $bad = [pscustomobject]@{ Id = 'a'; Score = 'much' }
        $sum = [pscustomobject]@{ Id = 'a'; Score = '7' }, 'text', $bad | Get-ImagePopularity @cache -ErrorAction SilentlyContinue -ErrorVariable failed
        $sum[0].Id | Should -Be 'a'
        $failed | Should -HaveCount 2
        $failed[0].FullyQualifiedErrorId | Should -Be 'PopularityInvalid,ImageCache.Module.Commands.GetImagePopularityCommand'
        $failed[1].TargetObject.Score | Should -Be 'much'
    }

    It 'begins a damaged statistic anew, with a warning' {
        Set-Content (Join-Path $node.CachePath '.imagecache/popularity.json') 'broken'
        Get-ImagePopularity @cache -WarningVariable warned -WarningAction SilentlyContinue | Should -HaveCount 2
        $warned | Should -BeLike '*damaged*'
        Get-ImagePopularity @cache -WarningVariable warned | Should -HaveCount 2
        $warned | Should -BeNullOrEmpty
    }

    It 'needs a cache, unless others are summed' {
        $nowhere = @{ CachePath = Join-Path $node.Folder nowhere }
        { Get-ImagePopularity @nowhere -ErrorAction Stop } | Should -Throw -ErrorId 'CacheUnavailable,*'
        [pscustomobject]@{ Id = 'a'; Score = 1; Node = 'n' } | Get-ImagePopularity @nowhere | Should -HaveCount 1
    }
}
