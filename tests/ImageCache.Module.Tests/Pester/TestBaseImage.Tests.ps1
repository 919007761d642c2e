BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestBed.psm1') -Force
    Clear-CloudEnvironment
    Import-TestModule

    function Invoke-BitFlip {
        param([string] $Path)
        $stream = [IO.File]::Open($Path, 'Open')
        try {
            $stream.Position = 1000
            $value = $stream.ReadByte()
            $stream.Position = 1000
            $stream.WriteByte($value -bxor 1)
        }
        finally {
            $stream.Dispose()
        }
    }
}

Describe 'Test-BaseImage' {
    BeforeEach {
        $node = New-TestNode
        $cache = @{ ConfigurationPath = $node.ConfigurationPath }
        $images = 'one.raw', 'two.raw' | ForEach-Object { New-TestImage $node.Folder -Name $_ -Size 64KB }
        $fetched = $images | Select-Object Uri, Checksum | Invoke-ImageFetch @cache | Sort-Object Name
    }

    AfterEach {
        Remove-Item $node.Folder -Recurse -Force
    }

    It 'proves the whole cache' {
        $results = Test-BaseImage @cache
        $results | Should -HaveCount 2
        $results | Should -BeOfType ImageCache.IntegrityResult
        $results.Status | Should -Be 'Intact', 'Intact'
        $results | ForEach-Object { $_.Actual | Should -Be $_.Expected }
        $results[0].Expected | Should -BeIn $fetched.Digest
    }

    It 'takes an id, a name, a file name, and objects from the pipeline' {
        (Test-BaseImage @cache $fetched[0].Id).Path | Should -Be $fetched[0].Path
        (Test-BaseImage @cache two.raw).Path | Should -Be $fetched[1].Path
        (Split-Path $fetched[0].Path -Leaf | Test-BaseImage @cache).Path | Should -Be $fetched[0].Path
        Get-BaseImage @cache | Test-BaseImage @cache | Should -HaveCount 2
        Get-BaseImage @cache no* | Test-BaseImage @cache | Should -BeNullOrEmpty
    }

    It 'finds a flipped bit' {
        Invoke-BitFlip $fetched[0].Path
        $result = Test-BaseImage @cache $fetched[0].Id
        $result.Status | Should -Be 'Damaged'
        $result.Actual | Should -Not -Be $result.Expected
        $result.Reason | Should -Not -BeNullOrEmpty
        (Get-BaseImage @cache -ImageId $fetched[0].Id).State | Should -Be 'Damaged'
    }

    It 'finds a missing file and one that nobody recorded' {
        Remove-Item $fetched[0].Path
        Set-Content (Join-Path $node.CachePath ('0' * 40)) 'nova'
        $results = Test-BaseImage @cache
        $results.Status | Sort-Object | Should -Be 'Intact', 'Missing', 'Unrecorded'
    }

    It 'repairs with -Repair' {
        Invoke-BitFlip $fetched[0].Path
        Remove-Item $fetched[1].Path
        $results = Test-BaseImage @cache -Repair | Sort-Object Name
        $results.Status | Should -Be 'Damaged', 'Missing'
        $results.Repaired | Should -Be $true, $true
        (Test-BaseImage @cache).Status | Should -Be 'Intact', 'Intact'
    }

    It 'repairs nothing with -WhatIf, and names path and action' {
        Invoke-BitFlip $fetched[0].Path
        $before = Get-FileHash $fetched[0].Path
        $result = Test-BaseImage @cache one.raw -Repair -WhatIf
        $result.Status | Should -Be 'Damaged'
        $result.Repaired | Should -BeFalse
        (Get-FileHash $fetched[0].Path).Hash | Should -Be $before.Hash
        $script = "Import-Module '$(Get-TestManifest)'; `$null = Test-BaseImage -ConfigurationPath '$($node.ConfigurationPath)' one.raw -Repair -WhatIf"
        $said = & ([Environment]::ProcessPath) -NoProfile -NonInteractive -Command $script
        $said | Should -Be "What if: Performing the operation `"Set aside and fetch damaged base image one.raw`" on target `"$($fetched[0].Path)`"."
    }

    It 'leaves a damaged file alone that a disk uses' {
        $qemuImg = Get-Command qemu-img -CommandType Application -ErrorAction Ignore | Select-Object -First 1
        if (-not $qemuImg) { Set-ItResult -Skipped -Because 'there is no qemu-img on this machine' }
        $instance = Join-Path (Split-Path $node.CachePath) ([guid]::NewGuid())
        $null = New-Item -ItemType Directory $instance
        $null = & $qemuImg create -q -f qcow2 -b $fetched[0].Path -F raw (Join-Path $instance 'disk')
        Invoke-BitFlip $fetched[0].Path
        $result = Test-BaseImage @cache one.raw -Repair
        $result.Repaired | Should -BeFalse
        $result.Reason | Should -BeLike "*$instance*"
        $fetched[0].Path | Should -Exist
    }

    It 'reads only what is due with -OlderThan' {
        Test-BaseImage @cache -OlderThan 1.00:00:00 | Should -BeNullOrEmpty
        Test-BaseImage @cache -OlderThan 00:00:00 | Should -HaveCount 2
    }

    It 'takes a rate as a number or with a unit, and refuses nonsense' {
        (Test-BaseImage @cache one.raw -RateLimit 50MB).Status | Should -Be 'Intact'
        (Test-BaseImage @cache one.raw -RateLimit 50MiB).Status | Should -Be 'Intact'
        { Test-BaseImage @cache -RateLimit fast } | Should -Throw -ErrorId 'ConfigurationInvalid,*'
    }

    It 'answers one bool with -Quiet' {
        Test-BaseImage @cache -Quiet | Should -BeExactly $true
        Set-Content (Join-Path $node.CachePath ('0' * 40)) 'nova'
        Test-BaseImage @cache -Quiet | Should -BeExactly $true
        Test-BaseImage @cache ('0' * 40) -Quiet | Should -BeExactly $false
        Invoke-BitFlip $fetched[0].Path
        Test-BaseImage @cache -Quiet | Should -BeExactly $false
        Test-BaseImage @cache two.raw -Quiet | Should -BeExactly $true
        'two.raw', 'one.raw' | Test-BaseImage @cache -Quiet | Should -BeExactly $false
        Test-BaseImage @cache -Repair -Quiet | Should -BeExactly $true
        Test-BaseImage @cache nobody -Quiet -ErrorAction SilentlyContinue | Should -BeExactly $false
    }

    It 'goes on after an image that is not here' {
        'nobody', 'one.raw' | Test-BaseImage @cache -ErrorAction SilentlyContinue -ErrorVariable failed | Should -HaveCount 1
        $failed[0].FullyQualifiedErrorId | Should -Be 'ImageNotCached,ImageCache.Module.Commands.TestBaseImageCommand'
        $failed[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $failed[0].TargetObject | Should -Be 'nobody'
    }

    It 'stops within a moment' {
        $stop = Join-Path $PSScriptRoot 'TestBed.psm1'
        $script = "Import-Module '$stop'; Import-TestModule; Test-BaseImage -ConfigurationPath '$($node.ConfigurationPath)' -RateLimit 1KB"
        $shell = [powershell]::Create().AddScript($script)
        $null = $shell.BeginInvoke()
        while (-not $shell.Streams.Progress.Where{ $_.Activity -like 'Verifying *.raw' }) { Start-Sleep -Milliseconds 20 }
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $shell.Stop()
        $watch.Elapsed.TotalSeconds | Should -BeLessThan 2
        $shell.Dispose()
        Get-ChildItem (Join-Path $node.CachePath '.imagecache/tmp') | Should -BeNullOrEmpty
    }
}
