BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestBed.psm1') -Force
    Import-TestModule
    $probe = Get-ChildItem (Join-Path (Get-RepositoryRoot) 'tests/ImageCache.Module.Probe/bin') -Recurse -Filter ImageCache.Module.Probe.dll |
        Sort-Object LastWriteTime -Descending | Select-Object -First 1
    $context = [Runtime.Loader.AssemblyLoadContext]::All | Where-Object Name -EQ 'ImageCache'
    $assembly = $context.LoadFromAssemblyPath($probe.FullName)
    Import-Module -Assembly $assembly -Global
}

Describe 'The pump' {
    BeforeEach {
        $file = Join-Path $TestDrive 'in-work'
    }

    AfterEach {
        Remove-Item $file -ErrorAction Ignore
    }

    It 'delivers objects in order' {
        $numbers = Test-Pump -Path $file -Count 5000
        $numbers | Should -HaveCount 5000
        Compare-Object $numbers (0..4999) -SyncWindow 0 | Should -BeNullOrEmpty
    }

    It 'delivers every verbose line, those of the clean-up too' {
        $lines = Test-Pump -Path $file -LineCount 1000 -Verbose 4>&1
        $lines | Should -HaveCount 1001
        $lines[-1].Message | Should -Be 'cleaned up'
    }

    It 'stops only when the work has cleaned up' {
        $shell = New-TestPipeline 'param($assembly, $file) Import-Module -Assembly $assembly; Test-Pump -Path $file -Wait' $assembly, $file
        $result = $shell.BeginInvoke()
        Wait-Until { Test-Path $file } | Should -BeTrue
        $shell.Stop()
        Test-Path $file | Should -BeFalse
        $shell.InvocationStateInfo.State | Should -Be 'Stopped'
        $result.IsCompleted | Should -BeTrue
        $shell.Dispose()
    }

    It 'is stopped by Select-Object -First, and the script goes on' {
        $numbers = Test-Pump -Path $file -Count 10 -Wait | Select-Object -First 1
        $numbers | Should -Be 0
        Test-Path $file | Should -BeFalse
    }

    It 'passes on what a later cmdlet throws' {
        { Test-Pump -Path $file -Count 10 -Wait | ForEach-Object { throw 'later' } } | Should -Throw 'later'
        Test-Path $file | Should -BeFalse
    }

    It 'ends a loop by break, and the script goes on' {
        foreach ($round in 1..3) {
            Test-Pump -Path $file -Count 10 -Wait | ForEach-Object { break }
        }

        $round | Should -Be 1
        Test-Path $file | Should -BeFalse
    }

    It 'releases the work that waits for a write that fails' {
        $caught = try { Test-Pump -Path $file -WithError -Wait -ErrorAction Stop } catch [ImageCache.NotFoundException] { $_ }
        $caught.FullyQualifiedErrorId | Should -Be 'ImageNotFound,ImageCache.Module.Probe.TestPumpCommand'
        Test-Path $file | Should -BeFalse
    }

    It 'goes on after an error' {
        Test-Pump -Path $file -WithError -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed | Should -HaveCount 1
        $failed[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $failed[0].TargetObject | Should -Be 'probe'
    }

    It 'tells what the work throws' {
        { Test-Pump -Path $file -Throw -ErrorAction Stop } | Should -Throw 'The work failed.'
        Test-Path $file | Should -BeFalse
    }

    It 'stops cleanly while writes pour in' {
        $shell = New-TestPipeline 'param($assembly, $file) Import-Module -Assembly $assembly; Test-Pump -Path $file -Count 100000000' $assembly, $file
        $null = $shell.BeginInvoke()
        Wait-Until { Test-Path $file } | Should -BeTrue
        $shell.Stop()
        Test-Path $file | Should -BeFalse
        $shell.Dispose()
    }
}

Describe 'The table of errors' {
    BeforeAll {
        $table = $context.Assemblies | Where-Object { $_.GetName().Name -eq 'ImageCache.Module' } |
            ForEach-Object { $_.GetType('ImageCache.Module.Pipeline.ErrorRecords') }
        $from = $table.GetMethod('From')
        $flags = [Reflection.BindingFlags]'Instance, NonPublic, Public'
    }

    It 'knows every category there is' {
        foreach ($category in [Enum]::GetValues([ImageCache.FailureCategory])) {
            "$($table.GetMethod('Category').Invoke($null, @($category)))" | Should -Be "$category"
        }
    }

    It 'keeps id, category, target and next step of every exception type' {
        $types = [ImageCache.ImageCacheException].Assembly.GetTypes() | Where-Object { $_.IsSubclassOf([ImageCache.ImageCacheException]) }
        $types.Count | Should -BeGreaterThan 5
        foreach ($type in $types) {
            $constructor = $type.GetConstructors($flags)[0]
            $arguments = foreach ($parameter in $constructor.GetParameters()) {
                switch ($parameter.Name) {
                    'errorId' { 'AnId' }
                    'message' { 'What failed.' }
                    'imageId' { 'an image' }
                    'nextStep' { 'Do this.' }
                    default { , $(if ($parameter.HasDefaultValue) { $parameter.DefaultValue }) }
                }
            }

            $exception = $constructor.Invoke([object[]]$arguments)
            $record = $from.Invoke($null, @($exception, $null))
            $record.FullyQualifiedErrorId | Should -Be $exception.ErrorId
            "$($record.CategoryInfo.Category)" | Should -Be "$($exception.Category)"
            $record.TargetObject | Should -Be 'an image'
            $record.ErrorDetails.RecommendedAction | Should -Be $exception.NextStep
        }
    }

    It 'calls an exception of any other type an internal error' {
        $record = $from.Invoke($null, @([InvalidOperationException]::new('what'), 'mine'))
        $record.FullyQualifiedErrorId | Should -Be 'InternalError'
        $record.TargetObject | Should -Be 'mine'
    }
}
