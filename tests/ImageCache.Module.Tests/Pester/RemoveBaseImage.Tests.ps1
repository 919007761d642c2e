BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestBed.psm1') -Force
    Clear-CloudEnvironment
    Import-TestModule
}

Describe 'Remove-BaseImage' {
    BeforeEach {
        $node = New-TestNode
        $cache = @{ ConfigurationPath = $node.ConfigurationPath }
        $images = 'one.raw', 'two.raw' | ForEach-Object { New-TestImage $node.Folder -Name $_ -Size 64KB }
        $fetched = $images | Select-Object Uri, Checksum | Invoke-ImageFetch @cache | Sort-Object Name
    }

    AfterEach {
        Remove-Item $node.Folder -Recurse -Force
    }

    It 'asks first' {
        (Get-Command Remove-BaseImage).ImplementingType.GetCustomAttributes([Management.Automation.CmdletAttribute], $false).ConfirmImpact | Should -Be 'High'
        { Remove-BaseImage @cache $fetched[0].Id } | Should -Throw
        $fetched[0].Path | Should -Exist
    }

    It 'removes an image and its record, and returns what it was' {
        $removed = Remove-BaseImage @cache $fetched[0].Id -Confirm:$false
        $removed | Should -BeOfType ImageCache.BaseImage
        $removed.Path | Should -Be $fetched[0].Path
        $removed.Path | Should -Not -Exist
        Get-ChildItem (Join-Path $node.CachePath '.imagecache/records') | Should -HaveCount 1
        (Get-BaseImage @cache).Name | Should -Be 'two.raw'
    }

    It 'takes images from the pipeline, by value and by property' {
        $fetched[0].Id | Remove-BaseImage @cache -Confirm:$false | Should -HaveCount 1
        $fetched[1] | Remove-BaseImage @cache -Confirm:$false | Should -HaveCount 1
        Get-BaseImage @cache | Should -BeNullOrEmpty
    }

    It 'takes what Get-BaseImage lists while it lists' {
        Get-BaseImage @cache | Remove-BaseImage @cache -Confirm:$false | Should -HaveCount 2
        Get-ChildItem $node.CachePath -File | Should -BeNullOrEmpty
    }

    It 'removes nothing with -WhatIf' {
        $fetched | Remove-BaseImage @cache -WhatIf | Should -BeNullOrEmpty
        Get-BaseImage @cache | Should -HaveCount 2
    }

    It 'names path and action with -WhatIf' {
        $script = "Import-Module '$(Get-TestManifest)'; Remove-BaseImage -ConfigurationPath '$($node.ConfigurationPath)' one.raw -WhatIf"
        $said = & ([Environment]::ProcessPath) -NoProfile -NonInteractive -Command $script
        $said | Should -Be "What if: Performing the operation `"Remove base image one.raw`" on target `"$($fetched[0].Path)`"."
    }

    It 'goes on after an image that is not here' {
        'nobody', $fetched[0].Id | Remove-BaseImage @cache -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable failed | Should -HaveCount 1
        $failed[0].FullyQualifiedErrorId | Should -Be 'ImageNotCached,ImageCache.Module.Commands.RemoveBaseImageCommand'
        $failed[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $failed[0].TargetObject | Should -Be 'nobody'
    }

    Context 'an image in use' {
        BeforeEach {
            $qemuImg = Get-Command qemu-img -CommandType Application -ErrorAction Ignore | Select-Object -First 1
            if (-not $qemuImg) { Set-ItResult -Skipped -Because 'there is no qemu-img on this machine' }
            $instance = Join-Path (Split-Path $node.CachePath) ([guid]::NewGuid())
            $null = New-Item -ItemType Directory $instance
            $disk = Join-Path $instance 'disk'
            $null = & $qemuImg create -q -f qcow2 -b $fetched[0].Path -F raw $disk
        }

        It 'is refused, naming the disk' {
            Remove-BaseImage @cache $fetched[0].Id -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
            $failed[0].FullyQualifiedErrorId | Should -Be 'ImageInUse,ImageCache.Module.Commands.RemoveBaseImageCommand'
            $failed[0].CategoryInfo.Category | Should -Be 'ResourceBusy'
            $failed[0].Exception.Message | Should -BeLike "*$disk*"
            $fetched[0].Path | Should -Exist
        }

        It 'is removed with -Force' {
            (Remove-BaseImage @cache $fetched[0].Id -Force -Confirm:$false).InUse | Should -BeTrue
            $fetched[0].Path | Should -Not -Exist
        }

        It 'is shown as such' {
            (Get-BaseImage @cache -ImageId $fetched[0].Id).InUse | Should -BeTrue
            (Get-BaseImage @cache -ImageId $fetched[1].Id).InUse | Should -BeFalse
        }
    }
}
