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

Describe 'Invoke-ImageFetch -Method VolumeLink' {
    Context 'with a Cinder' -Skip:(-not $lab -or -not $isRoot -or -not (Test-Path /dev/fuse)) {
        BeforeAll {
            Use-LabEnvironment (Get-LabEnvironment)
            $tools = Join-Path (Get-RepositoryRoot) 'tests/lab'
            $node = New-TestNode
            Add-Content $node.ConfigurationPath "volume_state_path: $($node.Folder)/volumes"
            $cache = @{ ConfigurationPath = $node.ConfigurationPath }
            $image = New-TestImage $node.Folder -Size 4MB
            $source = & "$tools/upload" --format raw --name 'imagecache-test-pester' $image.Path
            $id = & "$tools/volume-image" --type rbd --name 'imagecache-test-pester-volume' $source
        }

        AfterAll {
            Get-BaseImage @cache | Remove-BaseImage @cache -Confirm:$false
            foreach ($made in $id, $source) { if ($made) { $null = openstack image delete $made } }
            Clear-CloudEnvironment
            Remove-Item $node.Folder -Recurse -Force
        }

        It 'says why another image cannot be linked' {
            $null = Invoke-ImageFetch @cache $source -Method VolumeLink -ErrorVariable failed -ErrorAction SilentlyContinue
            $failed[0].FullyQualifiedErrorId | Should -Be 'MethodUnavailable,ImageCache.Module.Commands.InvokeImageFetchCommand'
            $failed[0].Exception.Message | Should -BeLike '*cinder://*'
            $failed[0].TargetObject | Should -Be $source
        }

        It 'links, brings back, and lets go' {
            $linked = Invoke-ImageFetch @cache $id -Method VolumeLink
            $linked.State | Should -Be 'Linked'
            $linked.Method | Should -Be 'VolumeLink'
            $linked.DigestStatus | Should -Be 'Verified'
            (Get-FileHash $linked.Path -Algorithm SHA256).Hash | Should -Be $image.Checksum.Split(':')[1]
            (Invoke-ImageFetch @cache $id).Hit | Should -BeTrue

            $hold = Get-ChildItem "$($node.Folder)/volumes/*/holds/*.json" | Get-Content -Raw | ConvertFrom-Json
            Stop-Process -Id $hold.view.processId -Force
            Wait-Until { -not (Get-Process -Id $hold.view.processId -ErrorAction Ignore) } | Should -BeTrue
            (Initialize-ImageCache @cache).Action | Should -Be 'Relinked'
            (Get-FileHash $linked.Path -Algorithm SHA256).Hash | Should -Be $image.Checksum.Split(':')[1]

            (Remove-BaseImage @cache $id -Confirm:$false).State | Should -Be 'Linked'
            Get-BaseImage @cache | Should -BeNullOrEmpty
            $volume = openstack volume show $hold.volumeId -f json | ConvertFrom-Json
            $volume.status | Should -Be 'available'
            $volume.attachments | Should -BeNullOrEmpty
        }
    }
}
