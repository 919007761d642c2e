BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestBed.psm1') -Force
    Clear-CloudEnvironment
    Import-TestModule

    # A fetch in a runspace of its own.
    function New-FetchPipeline {
        [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
        param($Node, $Image, [string] $RateLimit)
        $script = 'param($node, $image, $rate) Invoke-ImageFetch -ConfigurationPath $node.ConfigurationPath -Uri $image.Uri ' +
        '-Checksum $image.Checksum -RateLimit $rate'
        New-TestPipeline $script $Node, $Image, $RateLimit
    }
}

Describe 'Invoke-ImageFetch' {
    BeforeEach {
        $node = New-TestNode
        $cache = @{ ConfigurationPath = $node.ConfigurationPath }
        $image = New-TestImage $node.Folder
        $uri = @{ Uri = $image.Uri; Checksum = $image.Checksum }
    }

    AfterEach {
        Remove-Item $node.Folder -Recurse -Force
    }

    Context 'an image by URI' {
        It 'brings it into the cache and tells all about it' {
            $fetched = Invoke-ImageFetch @cache @uri
            $fetched | Should -BeOfType ImageCache.BaseImage
            $fetched.Name | Should -Be (Split-Path $image.Path -Leaf)
            $fetched.State | Should -Be 'Ready'
            $fetched.Method | Should -Be 'Uri'
            $fetched.DigestStatus | Should -Be 'Verified'
            $fetched.SourceDigest | Should -Be $image.Checksum
            $fetched.Hit | Should -BeFalse
            $fetched.BytesTransferred | Should -Be 1MB
            $fetched.Path | Should -BeLike "$($node.CachePath)/*"
            (Get-FileHash $fetched.Path).Hash | Should -Be (Get-FileHash $image.Path).Hash
            Get-Leftover $node.CachePath | Should -BeNullOrEmpty
        }

        It 'is a hit the second time, and is fetched again with -Force' {
            (Invoke-ImageFetch @cache @uri).Hit | Should -BeFalse
            (Invoke-ImageFetch @cache @uri).Hit | Should -BeTrue
            (Invoke-ImageFetch @cache @uri -Force).Hit | Should -BeFalse
        }

        It 'takes URI and checksum from the properties of objects' {
            $images = 1..3 | ForEach-Object { New-TestImage $node.Folder -Size (64KB * $_) }
            $fetched = $images | Select-Object Uri, Checksum | Invoke-ImageFetch @cache -ThrottleLimit 2
            $fetched.SourceDigest | Sort-Object | Should -Be ($images.Checksum | Sort-Object)
        }

        It 'pipes into Get-BaseImage' {
            (Invoke-ImageFetch @cache @uri | Get-BaseImage @cache).SourceDigest | Should -Be $image.Checksum
        }

        It 'takes the cache from -CachePath, also as a path of a PowerShell drive' {
            $null = New-PSDrive -Name ImageCacheTest -PSProvider FileSystem -Root $node.Folder -Scope Global
            try {
                (Invoke-ImageFetch -CachePath ImageCacheTest:/instances/_base @cache @uri).Path | Should -BeLike "$($node.CachePath)/*"
            } finally {
                Remove-PSDrive ImageCacheTest
            }
        }
    }

    Context 'errors' {
        It 'refuses wrong data, and leaves nothing' {
            $wrong = "sha256:$('0' * 64)"
            Invoke-ImageFetch @cache -Uri $image.Uri -Checksum $wrong -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
            $failed | Should -HaveCount 1
            $failed[0].FullyQualifiedErrorId | Should -Be 'DigestMismatch,ImageCache.Module.Commands.InvokeImageFetchCommand'
            $failed[0].CategoryInfo.Category | Should -Be 'SecurityError'
            $failed[0].TargetObject | Should -Be $image.Uri
            $failed[0].Exception | Should -BeOfType ImageCache.VerificationException
            Get-BaseImage @cache | Should -BeNullOrEmpty
            Get-Leftover $node.CachePath | Should -BeNullOrEmpty
        }

        It 'goes on with the next image after a bad one' {
            $bad = [pscustomobject]@{ Uri = "file://$($node.Folder)/missing"; Checksum = "sha256:$('0' * 64)" }
            $fetched = $bad, $image | Select-Object Uri, Checksum | Invoke-ImageFetch @cache -ErrorAction SilentlyContinue -ErrorVariable failed
            $fetched.SourceDigest | Should -Be $image.Checksum
            $failed | Should -HaveCount 1
            $failed[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
            $failed[0].TargetObject | Should -Be $bad.Uri
        }

        It 'can be caught by type' {
            $caught = try {
                Invoke-ImageFetch @cache -Uri "file://$($node.Folder)/missing" -Checksum $image.Checksum -ErrorAction Stop
            } catch [ImageCache.NotFoundException] {
                $_
            }
            $caught.Exception.ErrorId | Should -Be $caught.FullyQualifiedErrorId.Split(',')[0]
        }

        It 'refuses a checksum that is none' {
            { Invoke-ImageFetch @cache -Uri $image.Uri -Checksum 'sha256:xyz' -ErrorAction Stop } |
                Should -Throw -ErrorId 'InvalidReference,ImageCache.Module.Commands.InvokeImageFetchCommand'
        }

        It 'refuses an object that names no image' {
            @{ Nope = 1 }, (Get-Item $node.Folder) | Invoke-ImageFetch @cache -ErrorAction SilentlyContinue -ErrorVariable failed
            $failed | Should -HaveCount 2
            $failed[0].Exception.Message | Should -BeLike '*neither Id, Image nor ImageId*'
        }

        It 'ends at once when a setting is bad' {
            { Invoke-ImageFetch @cache @uri -RateLimit fast } |
                Should -Throw -ErrorId 'ConfigurationInvalid,ImageCache.Module.Commands.InvokeImageFetchCommand'
        }

        It 'recommends what to do' {
            Invoke-ImageFetch @cache -Uri $image.Uri -Checksum 'sha256:xyz' -ErrorAction SilentlyContinue -ErrorVariable failed
            $failed[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        }

        It 'tells when there is no cloud to ask' {
            Push-Location $node.Folder
            try {
                Invoke-ImageFetch @cache 11111111-2222-3333-4444-555555555555 -ErrorAction SilentlyContinue -ErrorVariable failed
            } finally {
                Pop-Location
            }

            $failed[0].FullyQualifiedErrorId | Should -Be 'CloudNotConfigured,ImageCache.Module.Commands.InvokeImageFetchCommand'
            $failed[0].TargetObject | Should -Be '11111111-2222-3333-4444-555555555555'
        }

        It 'tells when the cache is missing' {
            Invoke-ImageFetch -CachePath (Join-Path $node.Folder 'nowhere/_base') @cache @uri -ErrorAction SilentlyContinue -ErrorVariable failed
            $failed[0].FullyQualifiedErrorId | Should -Be 'CacheUnavailable,ImageCache.Module.Commands.InvokeImageFetchCommand'
            $failed[0].CategoryInfo.Category | Should -Be 'ResourceUnavailable'
        }
    }

    Context '-WhatIf' {
        It 'moves nothing and returns nothing' {
            Invoke-ImageFetch @cache @uri -WhatIf | Should -BeNullOrEmpty
            Get-BaseImage @cache | Should -BeNullOrEmpty
        }
    }

    Context 'progress and limits' {
        BeforeEach {
            $large = New-TestImage $node.Folder -Size 3MB
        }

        It 'keeps -RateLimit, as text and as a number' {
            foreach ($rate in '2MiB', 2MB) {
                $watch = [Diagnostics.Stopwatch]::StartNew()
                $null = Invoke-ImageFetch @cache -Uri $large.Uri -Checksum $large.Checksum -RateLimit $rate -Force
                $watch.Elapsed.TotalSeconds | Should -BeGreaterThan 0.4
            }
        }

        It 'shows progress, at most ten times a second, and completes it' {
            $shell = New-FetchPipeline -Node $node -Image $large -RateLimit 2MiB
            $watch = [Diagnostics.Stopwatch]::StartNew()
            $shell.Invoke() | Should -HaveCount 1
            $seconds = $watch.Elapsed.TotalSeconds
            $records = @($shell.Streams.Progress | Where-Object Activity -Like 'Fetching*')
            $records.Count | Should -BeGreaterThan 2
            $records.Count | Should -BeLessThan ($seconds * 10 + 5)
            $records[0].Activity | Should -BeLike "*$(Split-Path $large.Path -Leaf)*"
            $records.StatusDescription | Should -Contain ($records.StatusDescription -like 'Transferring: * of 3 MiB')[0]
            $records[-1].RecordType | Should -Be 'Completed'
            $shell.Dispose()
        }
    }

    Context 'a stop' {
        BeforeEach {
            $large = New-TestImage $node.Folder -Size 16MB
            $temporary = Join-Path $node.CachePath '.imagecache/tmp'
        }

        It 'comes back when nothing is left' {
            $shell = New-FetchPipeline -Node $node -Image $large -RateLimit 1MiB
            $null = $shell.BeginInvoke()
            Wait-Until { Get-ChildItem $temporary -Recurse -File -ErrorAction Ignore | Where-Object Length -GT 0 } | Should -BeTrue
            $shell.Stop()
            Get-Leftover $node.CachePath | Should -BeNullOrEmpty
            Get-ChildItem $node.CachePath -File | Should -BeNullOrEmpty
            $shell.Dispose()
            (Invoke-ImageFetch @cache -Uri $large.Uri -Checksum $large.Checksum).Hit | Should -BeFalse
        }

        It 'by Select-Object -First delivers the first image and leaves nothing of the others' {
            $first = $image, $large | Select-Object Uri, Checksum | Invoke-ImageFetch @cache -ThrottleLimit 2 -RateLimit 1MB | Select-Object -First 1
            $first.SourceDigest | Should -Be $image.Checksum
            Get-Leftover $node.CachePath | Should -BeNullOrEmpty
            Get-BaseImage @cache | Should -HaveCount 1
        }

        It 'by an interrupt leaves nothing and ends the process' {
            $script = "Import-Module '$(Get-TestManifest)'; " +
            "Invoke-ImageFetch -ConfigurationPath '$($node.ConfigurationPath)' -Uri '$($large.Uri)' -Checksum '$($large.Checksum)' -RateLimit 1MB"
            $process = Start-TestProcess $script $TestDrive
            Wait-Until { Get-ChildItem $temporary -Recurse -File -ErrorAction Ignore | Where-Object Length -GT 0 } | Should -BeTrue
            /bin/kill -INT $process.Id
            $process.WaitForExit(15000) | Should -BeTrue
            Get-Leftover $node.CachePath | Should -BeNullOrEmpty
        }
    }
}

Describe 'Invoke-ImageFetch from Glance' {
    BeforeAll {
        $lab = Get-LabEnvironment
        if ($lab) { Use-LabEnvironment $lab }
    }

    BeforeEach {
        if (-not $lab) { Set-ItResult -Skipped -Because 'there is no cloud: the lab is not up and OS_AUTH_URL is not set' }
        $node = New-TestNode
        $cache = @{ ConfigurationPath = $node.ConfigurationPath }
        $image = Find-BaseImage @cache -Status active | Where-Object { $_.Size -gt 0 -and $_.DiskFormat -in 'raw', 'qcow2' } |
            Sort-Object Size | Select-Object -First 1
    }

    AfterEach {
        if ($node) { Remove-Item $node.Folder -Recurse -Force }
    }

    AfterAll {
        Clear-CloudEnvironment
    }

    It 'works as a pipeline: find, fetch, get' {
        $got = Find-BaseImage @cache -ImageId $image.Id | Invoke-ImageFetch @cache -Method Download | Get-BaseImage @cache
        $got.Id | Should -Be $image.Id
        $got.State | Should -Be 'Ready'
        $got.Method | Should -Be 'Download'
    }

    It 'fetches by id, and by objects with Id, Image or ImageId' {
        (Invoke-ImageFetch @cache $image.Id).Hit | Should -BeFalse
        foreach ($property in 'Id', 'Image', 'ImageId') {
            ([pscustomobject]@{ $property = $image.Id } | Invoke-ImageFetch @cache).Hit | Should -BeTrue
        }
    }

    It 'says what is not to be had on this node with -Method <_>' -ForEach 'VolumeLink', 'RbdExport' {
        Invoke-ImageFetch @cache $image.Id -Method $_ -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
        $failed[0].FullyQualifiedErrorId | Should -Be 'MethodUnavailable,ImageCache.Module.Commands.InvokeImageFetchCommand'
        $failed[0].TargetObject | Should -Be $image.Id
    }

    It 'tells of an id that nobody has' {
        $id = [guid]::NewGuid().ToString()
        Invoke-ImageFetch @cache $id, $image.Id -ErrorAction SilentlyContinue -ErrorVariable failed | Should -HaveCount 1
        $failed[0].FullyQualifiedErrorId | Should -Be 'ImageNotFound,ImageCache.Module.Commands.InvokeImageFetchCommand'
        $failed[0].TargetObject | Should -Be $id
    }
}

Describe 'Invoke-ImageFetch from Ceph' {
    BeforeAll {
        $lab = Get-LabEnvironment
        if (-not $lab.CEPH_CONF) { return }
        Use-LabEnvironment $lab
        $folder = Join-Path ([IO.Path]::GetTempPath()) "imagecache-test-$([guid]::NewGuid().ToString('n'))"
        $null = New-Item -ItemType Directory $folder
        $source = New-TestImage $folder -Size 5MB
        $imageId = & (Join-Path (Get-RepositoryRoot) 'tests/lab/upload') --store rbd --format raw $source.Path
    }

    BeforeEach {
        if (-not $imageId) { Set-ItResult -Skipped -Because 'there is no lab with Ceph' }
        $node = New-TestNode
        $cache = @{ ConfigurationPath = $node.ConfigurationPath }
        $novaConf = Join-Path $node.Folder 'nova.conf'
        $allowed = "[glance]`nenable_rbd_download = true`nrbd_user = compute`nrbd_ceph_conf = $($lab.CEPH_CONF)"
    }

    AfterEach {
        if ($node) { Remove-Item $node.Folder -Recurse -Force }
    }

    AfterAll {
        if ($imageId) {
            $openstack = '/usr/bin/openstack'
            if (Test-Path $openstack) { & $openstack image delete $imageId }
        }

        if ($folder) { Remove-Item $folder -Recurse -Force }
        Clear-CloudEnvironment
    }

    It 'reads the image as nova.conf allows it' {
        Add-Content $novaConf $allowed
        (Get-ImageCacheConfiguration @cache rbd_export_on_this_node).Value | Should -BeLike 'possible, as client.compute*'
        $fetched = Invoke-ImageFetch @cache $imageId -Method RbdExport
        $fetched.Method | Should -Be 'RbdExport'
        $fetched.DigestStatus | Should -Be 'Verified'
        (Get-FileHash $fetched.Path).Hash | Should -Be (Get-FileHash $source.Path).Hash
        Get-Leftover $node.CachePath | Should -BeNullOrEmpty
    }

    It 'asks Glance for the record only, as its access log shows' {
        $log = Join-Path ($env:IMAGECACHE_LAB ? $env:IMAGECACHE_LAB : '/var/lib/imagecache-testlab') 'log/glance.log'
        if (-not (Test-Path $log)) { Set-ItResult -Skipped -Because "Glance's log '$log' is not here"; return }
        Add-Content $novaConf $allowed
        $before = (Get-Content $log).Count
        (Invoke-ImageFetch @cache $imageId -Method RbdExport).BytesTransferred | Should -Be 5MB
        $lines = @(Get-Content $log | Select-Object -Skip $before | Where-Object { $_ -like "*`"GET /v2/images/$imageId*" })
        $lines | Should -Not -BeNullOrEmpty
        $lines -like '*/file*' | Should -BeNullOrEmpty
        $null = Invoke-ImageFetch @cache $imageId -Method Download -Force
        @(Get-Content $log | Select-Object -Skip $before) -like "*$imageId/file*" | Should -Not -BeNullOrEmpty
    }

    It 'is what Auto takes, and moves nothing with -WhatIf' {
        Add-Content $novaConf $allowed
        Invoke-ImageFetch @cache $imageId -Method RbdExport -WhatIf | Should -BeNullOrEmpty
        Get-BaseImage @cache | Should -BeNullOrEmpty
        $fetched = Invoke-ImageFetch @cache $imageId -WarningVariable warned
        $fetched.Method | Should -Be 'RbdExport'
        $warned | Should -BeNullOrEmpty
        (Invoke-ImageFetch @cache $imageId -Method RbdExport).Hit | Should -BeTrue
    }

    It 'ends in <ErrorId> where <Because>' -ForEach @(
        @{
            Because  = 'there is no ceph.conf'
            ErrorId  = 'MethodUnavailable'
            Category = 'ResourceUnavailable'
            Settings = 'rbd_ceph_conf = /no/such/ceph.conf'
            Text     = '*/no/such/ceph.conf*'
        }
        @{
            Because  = 'the user has no keyring'
            ErrorId  = 'MethodUnavailable'
            Category = 'ResourceUnavailable'
            Settings = "rbd_user = nobody-knows-me`nrbd_ceph_conf = {0}"
            Text     = '*client.nobody-knows-me*'
        }
        @{
            Because  = 'the key is wrong'
            ErrorId  = 'AccessDenied'
            Category = 'PermissionDenied'
            Settings = "rbd_user = compute`nrbd_ceph_conf = {1}"
            Text     = '*does not let client.compute in*'
        }
        @{
            Because  = 'no monitor answers'
            ErrorId  = 'ServiceUnavailable'
            Category = 'OperationTimeout'
            Settings = "rbd_user = compute`nrbd_connect_timeout = 1`nrbd_ceph_conf = {2}"
            Text     = '*does not answer within 1 s*'
        }
    ) {
        $wrongKey = Join-Path $node.Folder 'wrong-key.conf'
        $silent = Join-Path $node.Folder 'silent.conf'
        $keyring = Join-Path $node.Folder 'keyring'
        Set-Content $keyring "[client.compute]`nkey = AQBzWRFpAAAAABAAcGxhbnRlZCB3cm9uZyBrZQ=="
        Set-Content $wrongKey ((Get-Content $lab.CEPH_CONF -Raw) -replace '(?m)^keyring = .*$', "keyring = $keyring")
        Set-Content $silent ((Get-Content $lab.CEPH_CONF -Raw) -replace '(?m)^mon_host = .*$', 'mon_host = [v2:127.0.0.1:9]')
        Add-Content $novaConf "[glance]`nenable_rbd_download = true`n$($Settings -f $lab.CEPH_CONF, $wrongKey, $silent)"
        Invoke-ImageFetch @cache $imageId -Method RbdExport -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
        $failed[0].FullyQualifiedErrorId | Should -Be "$ErrorId,ImageCache.Module.Commands.InvokeImageFetchCommand"
        $failed[0].CategoryInfo.Category | Should -Be $Category
        $failed[0].TargetObject | Should -Be $imageId
        $failed[0].Exception.Message | Should -BeLike $Text
        $failed[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        Get-BaseImage @cache | Should -BeNullOrEmpty
        Get-Leftover $node.CachePath | Should -BeNullOrEmpty
    }

    It 'says on which node it is possible' {
        Add-Content $novaConf $allowed
        Initialize-ImageCache @cache -Verbose 4>&1 | Out-String | Should -BeLike '*RbdExport on this node: possible, as client.compute with*'
        Add-Content $novaConf 'rbd_user = nobody-knows-me'
        (Get-ImageCacheConfiguration @cache rbd_export_on_this_node).Value | Should -BeLike 'not possible: no keyring of client.nobody-knows-me can be read*'
    }

    It 'says what is missing, also with -Verbose of Initialize-ImageCache' {
        $told = Initialize-ImageCache @cache -Verbose 4>&1 | Out-String
        $told | Should -BeLike '*RbdExport on this node: not possible: it is not allowed*'
        Invoke-ImageFetch @cache $imageId -Method RbdExport -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
        $failed[0].Exception.Message | Should -BeLike '*enable_rbd_download*'
    }

    It 'downloads with a warning where Ceph does not let us in' {
        $conf = Join-Path $node.Folder 'ceph.conf'
        $keyring = Join-Path $node.Folder 'keyring'
        Set-Content $keyring "[client.nobody]`nkey = AQBzWRFpAAAAABAAcGxhbnRlZCB3cm9uZyBrZQ=="
        Set-Content $conf ((Get-Content $lab.CEPH_CONF -Raw) -replace '(?m)^keyring = .*$', "keyring = $keyring")
        Add-Content $novaConf "[glance]`nenable_rbd_download = true`nrbd_user = nobody`nrbd_ceph_conf = $conf"
        $fetched = Invoke-ImageFetch @cache $imageId -WarningVariable warned -WarningAction SilentlyContinue
        $fetched.Method | Should -Be 'Download'
        "$warned" | Should -BeLike '*RbdExport did not bring*client.nobody*'
    }
}
