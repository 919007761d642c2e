# What must work when an instance starts and no service of the cloud is there: stopped, so that connections are refused, or hanging.

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'TestBed.psm1') -Force
    $lab = Get-LabEnvironment
    $isRoot = [Environment]::UserName -eq 'root'
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestBed.psm1') -Force
    Clear-CloudEnvironment
    Import-TestModule
}

Describe 'Without Keystone, Glance and Barbican' -Skip:(-not $lab -or -not $isRoot) {
    BeforeAll {
        Use-LabEnvironment (Get-LabEnvironment)
        $tools = Join-Path (Get-RepositoryRoot) 'tests/lab'
        $node = New-TestNode
        Add-Content $node.ConfigurationPath 'connect_timeout: 3'
        $cache = @{ ConfigurationPath = $node.ConfigurationPath }
        $image = New-TestImage $node.Folder -Name 'offline.raw' -Size 4MB
        $name = "imagecache-test-offline-$([guid]::NewGuid().ToString('n'))"
        $id = & "$tools/upload" --format raw --name $name $image.Path
        $null = Register-CriticalImage @cache $id
    }

    AfterAll {
        & "$tools/lab" resume keystone barbican glance *> $null
        & "$tools/lab" start keystone barbican glance *> $null
        $null = openstack image delete $id
        Clear-CloudEnvironment
        Remove-Item $node.Folder -Recurse -Force
    }

    It 'lists, hits, judges and makes disks with services that <How>' -ForEach @(
        @{ How = 'are stopped'; Away = 'stop'; Back = 'start' }
        @{ How = 'hang'; Away = 'pause'; Back = 'resume' }
    ) {
        & "$tools/lab" $Away glance barbican keystone *> $null
        try {
            (Get-BaseImage @cache).IsCritical | Should -BeTrue
            (Get-CriticalImage @cache).Status | Should -Be 'Present'
            foreach ($reference in $id, $name) {
                $hit = Invoke-ImageFetch @cache $reference -WarningVariable warned
                $hit.Hit | Should -BeTrue
                $warned | Should -BeNullOrEmpty
            }

            (Test-ImageSignature @cache $id).Status | Should -Be 'Unsigned'
            $disk = New-InstanceDisk @cache $id -Path (Join-Path $node.Folder "$Away.qcow2") -Size 8MiB
            $disk.BackingFile | Should -Be $hit.Path
            qemu-img compare -q $disk.Path $hit.Path
            $LASTEXITCODE | Should -Be 0
            (Test-BaseImage @cache -Quiet) | Should -BeTrue
            (Remove-UnusedBaseImage @cache).Action | Should -Be 'Keep'
        } finally {
            & "$tools/lab" $Back keystone barbican glance *> $null
        }
    }
}
