BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestBed.psm1') -Force
    Clear-CloudEnvironment
    Import-TestModule
}

Describe 'New-InstanceDisk' {
    BeforeEach {
        $node = New-TestNode
        $cache = @{ ConfigurationPath = $node.ConfigurationPath }
        $images = 'one.raw', 'two.raw' | ForEach-Object { New-TestImage $node.Folder -Name $_ -Size 1MB }
        $fetched = $images | Select-Object Uri, Checksum | Invoke-ImageFetch @cache | Sort-Object Name
        $instances = Join-Path $node.Folder instances
        $path = Join-Path $instances disk
    }

    AfterEach {
        Remove-Item $node.Folder -Recurse -Force
    }

    It 'makes an overlay, and returns what it is' {
        $disk = New-InstanceDisk @cache one.raw $path -Size 20GB
        $disk | Should -BeOfType ImageCache.InstanceDisk
        $disk.Path | Should -Be $path
        $disk.Format | Should -Be 'Qcow2'
        $disk.VirtualSize | Should -Be 20GB
        $disk.BackingFile | Should -Be $fetched[0].Path
        $disk.ImageId | Should -Be $fetched[0].Id
        $info = qemu-img info --output=json $path | ConvertFrom-Json
        $info.'virtual-size' | Should -Be 20GB
        $info.'backing-filename' | Should -Be $fetched[0].Path
        Get-Leftover $node.CachePath | Should -BeNullOrEmpty
    }

    It 'makes a copy that stands alone' {
        $disk = New-InstanceDisk @cache one.raw $path -Format Raw -Size 2MiB
        $disk.BackingFile | Should -BeNullOrEmpty
        $disk.CopyMethod | Should -Not -BeNullOrEmpty
        (Get-Item $path).Length | Should -Be 2MB
        [IO.File]::ReadAllBytes($path)[0..1MB] | Select-Object -First 1000 | Should -Be ([IO.File]::ReadAllBytes($images[0].Path) | Select-Object -First 1000)
    }

    It 'makes disks of what Get-BaseImage lists, where a script block says' {
        $disks = Get-BaseImage @cache | New-InstanceDisk @cache -Path { Join-Path $instances "$($_.Name).qcow2" }
        $disks | Should -HaveCount 2
        $disks.Path | Sort-Object | Should -Be @((Join-Path $instances one.raw.qcow2), (Join-Path $instances two.raw.qcow2))
    }

    It 'makes the disk of an instance where nova has it' {
        $id = [guid]::NewGuid()
        $disk = $fetched[0] | New-InstanceDisk @cache -InstanceId $id -CreateDirectory
        $disk.Path | Should -Be (Join-Path $instances "$id/disk")
        (Get-BaseImage @cache -ImageId $fetched[0].Id).InUse | Should -BeTrue
    }

    It 'never takes the base file that an object names for the disk' {
        $fetched | New-InstanceDisk @cache -Force -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
        $failed | Should -HaveCount 2
        $failed[0].FullyQualifiedErrorId | Should -Be 'DiskPathInvalid,ImageCache.Module.Commands.NewInstanceDiskCommand'
        (Test-BaseImage @cache).Status | Select-Object -Unique | Should -Be 'Intact'
    }

    It 'shares a target among disks' {
        $disks = 'a', 'b' | ForEach-Object { New-InstanceDisk @cache one.raw (Join-Path $instances $_) -Size 4MB -Target }
        $disks.Target | Select-Object -Unique | Should -HaveCount 1
        $disks[0].Target | Should -BeLike "$($node.CachePath)/.imagecache/targets/*.4194304"
        $chain = qemu-img info --output=json --backing-chain $disks[0].Path | ConvertFrom-Json
        $chain.filename | Should -Be @($disks[0].Path, $disks[0].Target, $fetched[0].Path)
    }

    It 'makes nothing with -WhatIf, and names path and action' {
        New-InstanceDisk @cache one.raw $path -WhatIf | Should -BeNullOrEmpty
        $path | Should -Not -Exist
        $script = "Import-Module '$(Get-TestManifest)'; New-InstanceDisk -ConfigurationPath '$($node.ConfigurationPath)' one.raw '$path' -WhatIf"
        $said = & ([Environment]::ProcessPath) -NoProfile -NonInteractive -Command $script
        $said | Should -Be "What if: Performing the operation `"Make qcow2 disk on base image one.raw`" on target `"$path`"."
    }

    It 'refuses to cut the image off, with id, category and target' {
        New-InstanceDisk @cache one.raw $path -Size 512KB -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
        $failed[0].FullyQualifiedErrorId | Should -Be 'DiskSmallerThanImage,ImageCache.Module.Commands.NewInstanceDiskCommand'
        $failed[0].CategoryInfo.Category | Should -Be 'PermissionDenied'
        $failed[0].TargetObject | Should -Be 'one.raw'
        $failed[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        $path | Should -Not -Exist
    }

    It 'replaces a file only with -Force' {
        Set-Content $path precious
        New-InstanceDisk @cache one.raw $path -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'DiskExists,*'
        New-InstanceDisk @cache one.raw $path -WhatIf -ErrorAction SilentlyContinue -ErrorVariable foreseen
        $foreseen[0].FullyQualifiedErrorId | Should -BeLike 'DiskExists,*'
        Get-Content $path | Should -Be precious
        New-InstanceDisk @cache one.raw $path -Force | Should -HaveCount 1
    }

    It 'goes on after an image that is not here' {
        'nobody', 'one.raw' | New-InstanceDisk @cache -Path $path -ErrorAction SilentlyContinue -ErrorVariable failed | Should -HaveCount 1
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'ImageNotCached,*'
        $failed[0].TargetObject | Should -Be 'nobody'
    }

    It 'takes <Size> for a size' -ForEach @(
        @{ Size = 3MB; Bytes = 3145728 }, @{ Size = '3MB'; Bytes = 3000320 }, @{ Size = '3M'; Bytes = 3145728 }, @{ Size = '3145728'; Bytes = 3145728 }
    ) {
        (New-InstanceDisk @cache one.raw $path -Size $Size).VirtualSize | Should -Be $Bytes
    }

    It 'takes no other text for a size' {
        New-InstanceDisk @cache one.raw $path -Size much -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'InvalidReference,*'
    }
}
