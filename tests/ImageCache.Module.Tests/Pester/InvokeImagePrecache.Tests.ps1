BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestBed.psm1') -Force
    Clear-CloudEnvironment
    Import-TestModule

    function Wait-JobOutput {
        param([Management.Automation.Job] $Job)
        $null = Wait-Job $Job -Timeout 60
        $Job.State | Should -Be 'Completed'
        Receive-Job $Job -ErrorAction SilentlyContinue
    }

    $lab = Get-LabEnvironment
    if ($lab) {
        $folder = Join-Path ([IO.Path]::GetTempPath()) "imagecache-test-$([guid]::NewGuid().ToString('n'))"
        $null = New-Item -ItemType Directory $folder
        $tag = "precache-$([guid]::NewGuid().ToString('n'))"
        Use-LabEnvironment $lab
        $ids = foreach ($name in 'one', 'two') {
            & (Join-Path (Get-RepositoryRoot) 'tests/lab/upload') --format raw --name "$tag-$name" (New-TestImage $folder -Size 3MB).Path
        }

        Clear-CloudEnvironment
    }
}

AfterAll {
    if ($lab) {
        $login = @{ methods = @('password'); password = @{ user = @{ name = $lab.OS_USERNAME; password = $lab.OS_PASSWORD; domain = @{ id = 'default' } } } }
        $body = @{ auth = @{ identity = $login; scope = @{ project = @{ name = $lab.OS_PROJECT_NAME; domain = @{ id = 'default' } } } } }
        $answer = Invoke-WebRequest "$($lab.OS_AUTH_URL)/auth/tokens" -Method Post -ContentType 'application/json' -Body ($body | ConvertTo-Json -Depth 9)
        $glance = ($answer.Content | ConvertFrom-Json).token.catalog.Where{ $_.type -eq 'image' }[0].endpoints[0].url
        foreach ($id in $ids) {
            $null = Invoke-RestMethod "$glance/v2/images/$id" -Method Delete -Headers @{ 'X-Auth-Token' = "$($answer.Headers.'X-Subject-Token')" }
        }

        Remove-Item $folder -Recurse -Force
    }

    Clear-CloudEnvironment
}

Describe 'Invoke-ImagePrecache' {
    BeforeEach {
        $node = New-TestNode
        $cache = @{ ConfigurationPath = $node.ConfigurationPath }
    }

    AfterEach {
        Remove-Item $node.Folder -Recurse -Force
    }

    Context 'without a cloud' {
        BeforeEach {
            $image = New-TestImage $node.Folder -Name one.raw -Size 64KB
            $fetched = $image | Select-Object Uri, Checksum | Invoke-ImageFetch @cache
        }

        It 'finds what is here' {
            $result = Invoke-ImagePrecache @cache
            $result | Should -BeOfType ImageCache.BaseImage
            $result.Id | Should -Be $fetched.Id
            $result.Hit | Should -BeTrue
            (Invoke-ImagePrecache @cache one.raw).Hit | Should -BeTrue
        }

        It 'takes images from the pipeline, and nothing from an empty one' {
            (Get-ImagePopularity @cache | Invoke-ImagePrecache @cache).Id | Should -Be $fetched.Id
            @() | Invoke-ImagePrecache @cache | Should -BeNullOrEmpty
        }

        It 'makes no image more popular' {
            $null = Invoke-ImagePrecache @cache
            (Get-ImagePopularity @cache).TotalUses | Should -Be 1
        }

        It 'goes on after an image that cannot be had' {
            'nobody', $fetched.Id | Invoke-ImagePrecache @cache -ErrorAction SilentlyContinue -ErrorVariable failed | Should -HaveCount 1
            $failed[0].FullyQualifiedErrorId | Should -Be 'CloudNotConfigured,ImageCache.Module.Commands.InvokeImagePrecacheCommand'
            $failed[0].TargetObject | Should -Be 'nobody'
        }

        It 'brings nothing with -WhatIf, and does not wait' {
            $watch = [Diagnostics.Stopwatch]::StartNew()
            Invoke-ImagePrecache @cache -Jitter 1.00:00:00 -WhatIf | Should -BeNullOrEmpty
            $watch.Elapsed.TotalSeconds | Should -BeLessThan 30
        }

        It 'refuses <Name> <Value>' -ForEach @(
            @{ Name = 'Jitter'; Value = '-00:00:01' }, @{ Name = 'Jitter'; Value = '8.00:00:00' }, @{ Name = 'MaximumSize'; Value = 'much' }
        ) {
            $with = @{ $Name = $Value }
            { Invoke-ImagePrecache @cache @with } | Should -Throw -ErrorId 'UsageInvalid,*'
        }

        It 'stops within a moment while it waits' {
            $script = { param($path) Invoke-ImagePrecache -ConfigurationPath $path -Jitter 1.00:00:00 }
            $shell = New-TestPipeline -Script $script -Argument $node.ConfigurationPath
            $null = $shell.BeginInvoke()
            Wait-Until { $shell.Streams.Progress.Where{ $_.Activity -like 'Precaching images to bring, in*' } } | Should -BeTrue
            $watch = [Diagnostics.Stopwatch]::StartNew()
            $shell.Stop()
            $watch.Elapsed.TotalSeconds | Should -BeLessThan 2
            $shell.Dispose()
        }

        It 'runs as a job' {
            $job = Invoke-ImagePrecache @cache -AsJob
            $job | Should -BeOfType Management.Automation.Job
            (Get-Job -Id $job.Id).PSJobTypeName | Should -Be 'ImageCacheJob'
            (Wait-JobOutput $job).Id | Should -Be $fetched.Id
            $job.HasMoreData | Should -BeFalse
            Remove-Job $job
        }

        It 'tells the errors of a job as errors' {
            $job = 'nobody', $fetched.Id | Invoke-ImagePrecache @cache -AsJob
            Wait-JobOutput $job | Should -HaveCount 1
            Remove-Job $job
            $failing = Invoke-ImagePrecache -CachePath (Join-Path $node.Folder nowhere) -AsJob
            $null = Wait-Job $failing -Timeout 60
            $failing.State | Should -Be 'Failed'
            $failing.Error[0].FullyQualifiedErrorId | Should -Be 'CacheUnavailable'
            Remove-Job $failing
        }

        It 'stops as a job while it waits' {
            $job = Invoke-ImagePrecache @cache -Jitter 1.00:00:00 -AsJob
            Wait-Until { $job.Progress.Count -gt 0 } | Should -BeTrue
            Stop-Job $job
            $job.State | Should -Be 'Stopped'
            Remove-Job $job
        }
    }

    Context 'with the lab' {
        BeforeEach {
            if (-not $lab) { Set-ItResult -Skipped -Because 'there is no lab' }
            Use-LabEnvironment $lab
        }

        AfterEach {
            Clear-CloudEnvironment
        }

        It 'brings a list, and then finds it here' {
            $results = $ids | Invoke-ImagePrecache @cache -Method Download
            $results | Should -HaveCount 2
            $results.Hit | Should -Be $false, $false
            $results.BytesTransferred | Should -Be 3MB, 3MB
            ($ids | Invoke-ImagePrecache @cache).Hit | Should -Be $true, $true
        }

        It 'brings what Glance finds, as far as it fits' {
            $with = @{ Name = "$tag-*"; MaximumSize = '4MB'; Method = 'Download'; WarningAction = 'SilentlyContinue' }
            Invoke-ImagePrecache @cache @with -WarningVariable warned | Should -HaveCount 1
            $warned | Should -BeLike "*is not brought*"
        }

        It 'brings what is popular elsewhere' {
            $told = $ids | ForEach-Object { [pscustomobject]@{ Id = $_; Score = 3; Node = 'elsewhere' } }
            ($told | Get-ImagePopularity @cache | Invoke-ImagePrecache @cache -Method Download).Id | Sort-Object | Should -Be ($ids | Sort-Object)
        }

        It 'stops the transfer of a job and leaves nothing' {
            $job = Invoke-ImagePrecache @cache $ids -Method Download -RateLimit 100KB -AsJob
            Wait-Until { $job.Progress.Where{ $_.StatusDescription -like 'Transferring*' } } | Should -BeTrue
            Stop-Job $job
            $job.State | Should -Be 'Stopped'
            Get-Leftover $node.CachePath | Should -BeNullOrEmpty
            Get-BaseImage @cache | Should -BeNullOrEmpty
            Remove-Job $job
        }
    }
}
