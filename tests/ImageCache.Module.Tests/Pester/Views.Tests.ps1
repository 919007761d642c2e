BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestBed.psm1') -Force
    Import-TestModule
    $image = [ImageCache.BaseImage]@{
        Id = '11111111-2222-3333-4444-555555555555'; Name = 'cirros-0.6.2'; Node = 'node-1'; Path = '/var/lib/nova/instances/_base/abc'
        State = 'Ready'; Method = 'Download'; DiskFormat = 'raw'; Size = 117440512; AllocatedSize = 33423360
        FetchedAt = [DateTimeOffset]::UtcNow.AddHours(-50)
    }
    $descriptor = [ImageCache.ImageDescriptor]@{
        Id = '11111111-2222-3333-4444-555555555555'; Name = 'cirros-0.6.2'; Size = 21430272; DiskFormat = 'qcow2'
        HashAlgorithm = 'sha512'; HashValue = 'abcd'; IsCached = $true
    }

    function Get-Text {
        param([Parameter(ValueFromPipeline)] $InputObject, [int] $Width = 140)
        begin { $all = [Collections.Generic.List[object]]::new() }
        process { $all.Add($InputObject) }
        end { ($all | Out-String -Width $Width) -replace '\e\[[0-9;]*m' }
    }
}

Describe 'Views' {
    It 'shows a base image as a row, with a size and an age that a person reads' {
        $text = $image | Get-Text
        $text | Should -Match 'cirros-0\.6\.2\s+11111111-2222-3333-4444-555555555555\s+112 MiB\s+raw\s+Ready\s+2d 2h\s+31\.9 MiB\s+\?\s+Download'
        $text | Should -Not -Match '117440512|33423360'
    }

    It 'shows a base image as a list, without raw byte counts' {
        $text = $image | Format-List | Get-Text
        $text | Should -Match 'AllocatedSize\s+: 31\.9 MiB'
        $text | Should -Match 'FetchedAt\s+: \d{4}-.* \(2d 2h ago\)'
        $text | Should -Not -Match '117440512|33423360'
    }

    It 'shows what only a fetch knows only after a fetch' {
        $image | Format-List | Get-Text | Should -Not -Match '(?m)^Hit'
        ($image | Select-Object -Property *).Hit | Should -BeNullOrEmpty
        $fetched = [ImageCache.BaseImage]@{
            Node = 'n'; Path = '/p'; State = 'Ready'; Method = 'Download'; Hit = $false; BytesTransferred = 2MB; Duration = [timespan]::FromSeconds(1.25)
        }
        $text = $fetched | Format-List | Get-Text
        $text | Should -Match '(?m)^Hit\s+: False'
        $text | Should -Match '(?m)^BytesTransferred : 2 MiB'
        $text | Should -Match '(?m)^Duration\s+: 1\.3s'
    }

    It 'shows a file of unknown name by its file name' {
        [ImageCache.BaseImage]@{ Node = 'n'; Path = '/c/_base/0a1b2c'; State = 'Unrecorded'; Method = 'Foreign' } | Get-Text | Should -Match '\(0a1b2c\)'
    }

    It 'shows an image of Glance' {
        $descriptor | Get-Text | Should -Match 'cirros-0\.6\.2\s+11111111-\S+\s+20\.4 MiB\s+qcow2\s+active\s+yes'
        $descriptor | Format-List | Get-Text | Should -Match 'Digest\s+: sha512:abcd'
    }

    It 'keeps name, id and size within 80 columns' {
        $image | Get-Text -Width 80 | Should -Match 'cirros-0\.6\.2\s+11111111-2222-3333-4444-555555555555\s+112 MiB'
    }

    It 'shows the result of an initialization' {
        [ImageCache.InitializationResult]@{ Node = 'n'; Path = '/c/_base/.imagecache/tmp/x'; Action = 'RemovedLeftover'; Reason = 'Its process is gone.' } |
            Get-Text | Should -Match 'RemovedLeftover\s+x\s+Its process is gone\.'
    }

    It 'shows what a check found' {
        $result = [ImageCache.IntegrityResult]@{
            Node = 'n'; Path = '/c/_base/0a1b'; Name = 'cirros'; Status = 'Damaged'; Size = 2MB; Reason = 'a bit flipped'; Repaired = $true
            Expected = 'sha256:aa'; Actual = 'sha256:bb'; CheckedAt = [DateTimeOffset]::UtcNow; LastProvedAt = [DateTimeOffset]::UtcNow.AddHours(-50)
        }
        $result | Get-Text | Should -Match 'Damaged\s+yes\s+cirros\s+2 MiB\s+a bit flipped'
        $text = $result | Format-List | Get-Text
        $text | Should -Match 'Actual\s+: sha256:bb'
        $text | Should -Match 'LastProvedAt\s+: \d{4}-.* \(2d 2h ago\)'
        $result.ImageId | Should -Be $result.Id
    }

    It 'shows how popular an image is' {
        $told = [ImageCache.ImagePopularity]@{
            Rank = 1; Name = 'cirros'; Id = $image.Id; BaseName = 'x'; Node = 'n'; Score = 12.345; Uses = 3; TotalUses = 40; Size = 2MB; IsCached = $true
            LastUsedAt = [DateTimeOffset]::UtcNow.AddHours(-50)
        }
        $told | Get-Text | Should -Match '1 cirros\s+11111111-2222-3333-4444-555555555555\s+12\.3[45]\s+3\s+40\s+2d 2h\s+yes\s+2 MiB\s+n'
        $told | Format-List | Get-Text | Should -Match 'LastUsedAt\s+: \d{4}-.* \(2d 2h ago\)'
        [ImageCache.ImagePopularity]@{ BaseName = '0a1b'; Nodes = 12 } | Get-Text | Should -Match '\(0a1b\).*12 nodes'
        $told.ImageId | Should -Be $told.Id
    }

    It 'shows a disk' {
        $disk = [ImageCache.InstanceDisk]@{
            Node = 'n'; Path = '/i/1/disk'; Name = 'cirros'; Format = 'Raw'; CopyMethod = 'Sparse'; VirtualSize = 2GB; AllocatedSize = 3MB
            Base = '/c/_base/0a1b'; CreatedAt = [DateTimeOffset]::UtcNow
        }
        $disk | Get-Text | Should -Match 'cirros\s+Raw\s+2 GiB\s+3 MiB\s+/i/1/disk'
        $text = $disk | Format-List | Get-Text
        $text | Should -Match 'VirtualSize\s+: 2 GiB'
        $text | Should -Match 'CopyMethod\s+: Sparse'
    }

    It 'shows what was decided about a file' {
        $decision = [ImageCache.PruneDecision]@{
            Node = 'n'; Path = '/c/_base/0a1b'; Name = 'cirros'; Kind = 'BaseImage'; Action = 'Remove'; Reason = 'unused for 3d 0h'
            Size = 4MB; AllocatedSize = 2MB; Age = [timespan]'3.00:00:00'
        }
        $decision | Get-Text | Should -Match 'Remove\s+BaseImage\s+cirros\s+2 MiB\s+3d 0h\s+unused for 3d 0h'
        $decision | Format-List | Get-Text | Should -Match 'Size\s+: 4 MiB'
    }

    It 'shows a list of values in one cell' {
        [ImageCache.EffectiveSetting]@{ Name = 'allowed_formats'; Value = @('raw', 'qcow2'); Source = 'Default'; Description = 'd' } |
            Get-Text | Should -Match 'allowed_formats\s+raw, qcow2\s+Default'
    }

    It 'gives objects the name by which cmdlets take them' {
        $image.ImageId | Should -Be $image.Id
        $descriptor.ImageId | Should -Be $descriptor.Id
    }

    It 'writes <Bytes> bytes as <Text>' -ForEach @(
        @{ Bytes = 0; Text = '0 B' }, @{ Bytes = 1023; Text = '1023 B' }, @{ Bytes = 1024; Text = '1 KiB' }, @{ Bytes = 1536; Text = '1.5 KiB' }
        @{ Bytes = 1048575; Text = '1 MiB' }, @{ Bytes = 21430272; Text = '20.4 MiB' }, @{ Bytes = [long]::MaxValue; Text = '8 EiB' }
    ) {
        [ImageCache.DisplayText]::Size($Bytes) | Should -Be $Text
    }

    It 'writes <Seconds> seconds as <Text>' -ForEach @(
        @{ Seconds = 0.04; Text = '0s' }, @{ Seconds = 1.25; Text = '1.3s' }, @{ Seconds = 59.99; Text = '1m 0s' }, @{ Seconds = 125; Text = '2m 5s' }
        @{ Seconds = 3600; Text = '1h 0m' }, @{ Seconds = 187200; Text = '2d 4h' }, @{ Seconds = 34560000; Text = '1y 35d' }
    ) {
        [ImageCache.DisplayText]::Span([timespan]::FromSeconds($Seconds)) | Should -Be $Text
    }
}
