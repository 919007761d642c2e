BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestBed.psm1') -Force
    Clear-CloudEnvironment
    Import-TestModule
}

Describe 'Remove-UnusedBaseImage' {
    BeforeEach {
        $node = New-TestNode
        $cache = @{ ConfigurationPath = $node.ConfigurationPath }
        $images = 'old.raw', 'new.raw' | ForEach-Object { New-TestImage $node.Folder -Name $_ -Size 64KB }
        $fetched = $images | Select-Object Uri, Checksum | Invoke-ImageFetch @cache | Sort-Object Name -Descending
        (Get-Item $fetched[0].Path).LastWriteTimeUtc = [datetime]::UtcNow.AddDays(-3)
    }

    AfterEach {
        Remove-Item $node.Folder -Recurse -Force
    }

    It 'removes what is unused and old, and tells of every file why' {
        $decisions = Remove-UnusedBaseImage @cache
        $decisions | Should -BeOfType ImageCache.PruneDecision
        $decisions | Should -HaveCount 2
        $decisions.Name | Should -Be 'old.raw', 'new.raw'
        $decisions.Action | Should -Be 'Remove', 'Keep'
        $decisions.Kind | Should -Be 'BaseImage', 'BaseImage'
        $decisions.Done | Should -Be $true, $true
        $decisions[0].Reason | Should -BeLike 'unused for 3d*'
        $decisions[0].ImageId | Should -Be $fetched[0].Id
        $decisions[1].Reason | Should -BeLike 'too young*'
        $fetched[0].Path | Should -Not -Exist
        (Get-BaseImage @cache).Name | Should -Be 'new.raw'
    }

    It 'shows with -WhatIf the same decisions, and does nothing' {
        $planned = Remove-UnusedBaseImage @cache -WhatIf
        $fetched[0].Path | Should -Exist
        $planned.Done | Should -Be $false, $false
        $done = Remove-UnusedBaseImage @cache
        $done.Path | Should -Be $planned.Path
        $done.Action | Should -Be $planned.Action
        # How long ago the young one was used is another moment later.
        $done.Reason -replace 'for [\d.]+s of', 'for a moment of' | Should -Be ($planned.Reason -replace 'for [\d.]+s of', 'for a moment of')
    }

    It 'says with -WhatIf what it would remove and why' {
        $script = "Import-Module '$(Get-TestManifest)'; `$null = Remove-UnusedBaseImage -ConfigurationPath '$($node.ConfigurationPath)' -WhatIf"
        & ([Environment]::ProcessPath) -NoProfile -NonInteractive -Command $script |
            Should -BeLike "What if: Performing the operation `"Remove old.raw (unused for 3d*)`" on target `"$($fetched[0].Path)`"."
    }

    It 'forgets neither name nor uses of what it removes' {
        $null = Remove-UnusedBaseImage @cache
        $told = Get-ImagePopularity @cache -NoScan | Where-Object Name -EQ 'old.raw'
        $told.TotalUses | Should -Be 1
        $told.IsCached | Should -BeFalse
    }

    It 'hands the base images on with -PassThru' {
        (Remove-UnusedBaseImage @cache -WhatIf)[0].Image | Should -BeNullOrEmpty
        $decisions = Remove-UnusedBaseImage @cache -PassThru
        $decisions[0].Image | Should -BeOfType ImageCache.BaseImage
        $decisions.Image.Digest | Should -Be $fetched.Digest
        $decisions[0].Image.Path | Should -Not -Exist
    }

    It 'heeds WhatIfPreference' {
        $planned = & { $WhatIfPreference = $true; Remove-UnusedBaseImage @cache }
        $planned.Done | Should -Be $false, $false
        $fetched[0].Path | Should -Exist
    }

    It 'asks for each file with -Confirm, and removes none where nobody can answer' {
        { Remove-UnusedBaseImage @cache -Confirm } | Should -Throw
        $fetched[0].Path | Should -Exist
    }

    It 'goes by -MinimumAge' {
        (Remove-UnusedBaseImage @cache -MinimumAge 4.00:00:00).Action | Should -Be 'Keep', 'Keep'
        (Remove-UnusedBaseImage @cache -MinimumAge ([timespan]::Zero)).Action | Should -Be 'Remove', 'Remove'
        Get-ChildItem $node.CachePath -File | Should -BeNullOrEmpty
    }

    It 'goes by the ages in nova.conf' {
        Add-Content (Join-Path $node.Folder 'nova.conf') "[image_cache]`nremove_unused_original_minimum_age_seconds = 1000000"
        (Remove-UnusedBaseImage @cache).Action | Should -Be 'Keep', 'Keep'
    }

    It 'keeps with -WhenNeeded until -MaximumSize asks for room' {
        (Remove-UnusedBaseImage @cache -WhenNeeded).Action | Should -Be 'Keep', 'Keep'
        $decisions = Remove-UnusedBaseImage @cache -WhenNeeded -MaximumSize 100KB
        $decisions.Action | Should -Be 'Remove', 'Keep'
        $decisions[0].Reason | Should -BeLike 'over cap*'
    }

    It 'sets aside with -Quarantine, and a fetch brings it back' {
        (Remove-UnusedBaseImage @cache -Quarantine).Action | Should -Be 'Quarantine', 'Keep'
        $fetched[0].Path | Should -Not -Exist
        Remove-Item $images[0].Path
        $back = $images[0] | Select-Object Uri, Checksum | Invoke-ImageFetch @cache
        $back.Hit | Should -BeTrue
        $back.Path | Should -Exist
    }

    It 'keeps what a disk uses and names the disk' {
        $qemuImg = Get-Command qemu-img -CommandType Application -ErrorAction Ignore | Select-Object -First 1
        if (-not $qemuImg) { Set-ItResult -Skipped -Because 'there is no qemu-img on this machine' }
        $instance = Join-Path (Split-Path $node.CachePath) ([guid]::NewGuid())
        $null = New-Item -ItemType Directory $instance
        $disk = Join-Path $instance 'disk'
        $null = & $qemuImg create -q -f qcow2 -b $fetched[0].Path -F raw $disk
        $decision = Remove-UnusedBaseImage @cache | Where-Object Name -EQ 'old.raw'
        $decision.Action | Should -Be 'Keep'
        $decision.UsedBy | Should -Be $disk
        (Get-Item $fetched[0].Path).LastWriteTimeUtc | Should -BeGreaterThan ([datetime]::UtcNow.AddHours(-1))
    }

    It 'refuses a size that is none' {
        { Remove-UnusedBaseImage @cache -MaximumSize plenty } | Should -Throw -ErrorId 'ConfigurationInvalid*'
    }

    It 'tells that a cache is not there' {
        Remove-UnusedBaseImage @cache -CachePath (Join-Path $node.Folder 'nowhere') -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
        $failed[0].FullyQualifiedErrorId | Should -Be 'CacheUnavailable,ImageCache.Module.Commands.RemoveUnusedBaseImageCommand'
    }
}
